/** Mark of handlers that take a form with a file (takes-form.ts). */
export const TAKES_FORM = Symbol('takes-form');

export function takesForm(handler: object): boolean {
  return Reflect.getMetadata(TAKES_FORM, handler) === true;
}
