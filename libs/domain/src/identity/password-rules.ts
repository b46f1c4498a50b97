import { errors, type FieldError } from '#contracts';
import { isCommonPassword } from './common-passwords.js';

export const PASSWORD_MIN = 12;
export const PASSWORD_MAX = 200;

/** What is wrong with a new password, or null. Length is what counts; rules on character classes make passwords worse. */
export function passwordProblem(password: string, email: string): FieldError | null {
  const problem = (message: string) => ({ path: 'password', message });
  const length = [...password].length;
  if (length < PASSWORD_MIN) return problem(`must have at least ${PASSWORD_MIN} characters`);
  if (length > PASSWORD_MAX) return problem(`must have at most ${PASSWORD_MAX} characters`);
  const plain = password.toLowerCase();
  if (plain === email.toLowerCase()) return problem('must not be the e-mail address');
  if (isCommonPassword(plain) || isRepetition(plain)) return problem('is one of the first that are guessed');
  return null;
}

/** @throws validation that names `path` */
export function assertGoodPassword(password: string, email: string, path = 'password'): void {
  const problem = passwordProblem(password, email);
  if (problem) throw errors.validation({ fields: [{ ...problem, path }] });
}

/** `aaaaaaaaaaaa`, `abcabcabcabc`: a pattern of at most four characters, repeated. */
function isRepetition(text: string): boolean {
  return [1, 2, 3, 4].some(
    (size) =>
      text ===
      text
        .slice(0, size)
        .repeat(Math.ceil(text.length / size))
        .slice(0, text.length),
  );
}
