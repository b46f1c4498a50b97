/**
 * Values on their way between our processes: JSON, with dates and bytes, which it lacks, as objects of one tagged field.
 */
export function pack(value: unknown): unknown {
  if (value instanceof Date) return { $date: value.toISOString() };
  if (value instanceof Uint8Array) return { $bytes: Buffer.from(value).toString('base64') };
  if (value instanceof Map) throw new TypeError('abilities take and give plain values; a Map is none');
  return mapped(value, pack);
}

export function unpack(value: unknown): unknown {
  if (typeof value === 'object' && value !== null) {
    const { $date, $bytes } = value as { $date?: unknown; $bytes?: unknown };
    if (typeof $date === 'string') return new Date($date);
    if (typeof $bytes === 'string') return new Uint8Array(Buffer.from($bytes, 'base64'));
  }
  return mapped(value, unpack);
}

function mapped(value: unknown, of: (each: unknown) => unknown): unknown {
  if (Array.isArray(value)) return value.map(of);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, of(each)]));
}
