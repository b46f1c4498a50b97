/** Foreign key violations, of pg and as Prisma tells them. */
const codes = new Set<unknown>(['23503', 'P2003']);

/**
 * Whether a row could not be written because what it refers to is not there: it was deleted by somebody else after this
 * work had looked at it.
 */
export function isGoneReference(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false;
  const { code, originalCode, cause } = error as { code?: unknown; originalCode?: unknown; cause?: unknown };
  return codes.has(code) || codes.has(originalCode) || isGoneReference(cause);
}
