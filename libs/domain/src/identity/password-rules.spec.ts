import { passwordProblem } from './password-rules.js';

describe('passwords', () => {
  it.each([
    'three green kettles',
    'Übergrößenträgerin',
    '777xxxxxxxxx',
    `${'x y'.repeat(66)}z`,
    'sunshine over 2024 kettles',
    'Kj8#mQ2$vN5!',
    `${'🫖🍵'.repeat(3)} kettles`,
  ])('%j is taken', (password) => {
    expect(passwordProblem(password, 'ana@example.com')).toBeNull();
  });

  it.each([
    ['eleven char', 'at least 12'],
    ['😀'.repeat(11), 'at least 12'],
    [`${'x y z '.repeat(33)}abc`, 'at most 200'],
    ['Password1234', 'first that are guessed'],
    ['aaaaaaaaaaaaaaaa', 'first that are guessed'],
    ['abcdabcdabcda', 'first that are guessed'],
    ['1qaz2wsx3edc', 'first that are guessed'],
    ['sunshine2024!!', 'first that are guessed'],
    ['2026#Liverpool', 'first that are guessed'],
    ['P@ssw0rd1234', 'first that are guessed'],
    ['elephantelephant', 'first that are guessed'],
    ['Indonesia1945', 'first that are guessed'],
    ['Ana@Example.com', 'e-mail address'],
  ])('%j is refused', (password, reason) => {
    expect(passwordProblem(password, 'ana@example.com')?.message).toContain(reason);
  });
});
