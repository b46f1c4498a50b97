import { passwordProblem } from './password-rules.js';

describe('passwords', () => {
  it.each([
    'three green kettles',
    'Übergrößenträgerin',
    '777xxxxxxxxx',
    `${'x y'.repeat(66)}z`,
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
    ['Ana@Example.com', 'e-mail address'],
  ])('%j is refused', (password, reason) => {
    expect(passwordProblem(password, 'ana@example.com')?.message).toContain(reason);
  });
});
