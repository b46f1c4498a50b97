import { Readable } from 'node:stream';

/** Characters decoded at a time: a multiple of four, about 48 KiB of bytes. */
const STEP = 65_536;

/** The text is not base64. */
export class NotBase64 extends Error {
  constructor() {
    super('The text is not base64.');
    this.name = 'NotBase64';
  }
}

/**
 * Decodes base64 step by step. A `data:…;base64,` prefix and line breaks are tolerated, also the URL-safe alphabet.
 * The stream fails with `NotBase64` at the first step that is something else.
 */
export function decodeBase64(given: string): Readable {
  return Readable.from(steps(given), { objectMode: false, highWaterMark: STEP });
}

/** The media type that a data URI claims, or null. */
export function claimedByDataUri(given: string): string | null {
  return /^data:([^;,]{1,100})[;,]/.exec(given.slice(0, 200))?.[1] ?? null;
}

function* steps(given: string): Generator<Buffer> {
  let carried = '';
  for (let position = startOf(given); position < given.length; position += STEP) {
    const text = carried + given.slice(position, position + STEP).replace(/[\r\n\t ]/g, '');
    const isLast = position + STEP >= given.length;
    const whole = isLast ? text.length : text.length - (text.length % 4);
    carried = text.slice(whole);
    yield decodeStep(text.slice(0, whole), isLast);
  }
}

function startOf(given: string): number {
  if (!given.startsWith('data:')) return 0;
  const comma = given.indexOf(',');
  if (comma === -1 || comma > 300 || !given.slice(0, comma).endsWith(';base64')) throw new NotBase64();
  return comma + 1;
}

/** `Buffer.from` skips what it does not know; a caller who sent something else must be told instead. */
function decodeStep(text: string, isLast: boolean): Buffer {
  const body = isLast ? text.replace(/={1,2}$/, '') : text;
  if (!/^[A-Za-z0-9+/_-]*$/.test(body) || (isLast && body.length % 4 === 1)) throw new NotBase64();
  return Buffer.from(body, 'base64');
}
