/** PostgreSQL's number of the type bytea. */
const BYTEA = 17;
/** Dimensions, whether there are nulls, the type, the length, the first index. */
const HEAD_BYTES = 20;

/**
 * The values of a statement, each array of bytes in PostgreSQL's binary form. The driver would spell it out as text, two
 * digits for a byte, which both sides have to write and read: keys and journal entries are most of what a message moves.
 */
export function withByteArrays(values: unknown[] | undefined): unknown[] | undefined {
  return values?.map((value) => (isByteArray(value) ? binaryArray(value) : value));
}

function isByteArray(value: unknown): value is (Uint8Array | null)[] {
  return Array.isArray(value) && value.find((each) => each != null) instanceof Uint8Array;
}

function binaryArray(values: (Uint8Array | null)[]): Buffer {
  const wire = Buffer.allocUnsafe(values.reduce((sum, each) => sum + 4 + (each?.byteLength ?? 0), HEAD_BYTES));
  let at = 0;
  const int = (value: number) => {
    at = wire.writeInt32BE(value, at);
  };
  for (const value of [1, values.some((each) => each == null) ? 1 : 0, BYTEA, values.length, 1]) int(value);
  for (const value of values) {
    int(value?.byteLength ?? -1);
    if (value == null) continue;
    wire.set(value, at);
    at += value.byteLength;
  }
  return wire;
}
