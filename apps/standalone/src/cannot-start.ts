/** A start that cannot go on for a reason the operator can act on: printed as it is, without a stack trace. */
export class CannotStart extends Error {
  override readonly name = 'CannotStart';
}
