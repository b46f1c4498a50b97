/** Leaves out what is not set, so that optional properties are absent instead of undefined. Zero is how protobufs say so. */
export function present<T extends object>(properties: T): { [K in keyof T]?: NonNullable<T[K]> } {
  return Object.fromEntries(
    Object.entries(properties).filter(
      ([, value]) => value !== undefined && value !== null && value !== '' && value !== 0,
    ),
  ) as { [K in keyof T]?: NonNullable<T[K]> };
}

/** A number of a protobuf, which has large ones as objects; undefined when it is not set. */
export function numberOf(value: number | { toString(): string } | null | undefined): number | undefined {
  if (value === null || value === undefined) return undefined;
  const number = Number(value.toString());
  return Number.isFinite(number) ? number : undefined;
}

/** As `numberOf`, where zero means that it is not set. */
export function positive(value: Parameters<typeof numberOf>[0]): number | undefined {
  const number = numberOf(value);
  return number !== undefined && number > 0 ? number : undefined;
}

/** Base64; undefined for no bytes. */
export function encoded(bytes: Uint8Array | null | undefined): string | undefined {
  return bytes?.length ? Buffer.from(bytes).toString('base64') : undefined;
}
