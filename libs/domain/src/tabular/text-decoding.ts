import type { Readable } from 'node:stream';
import { TextDecoder } from 'node:util';
import { detect } from 'chardet';
import { TableUnreadable } from './table.js';

/** What stands for bytes that are none in the encoding of the text. */
export const UNDECODABLE = '\uFFFD';

/**
 * The encoding of a text by its beginning: the byte order mark where there is one; UTF-8 when most of what is not ASCII
 * is valid UTF-8, so that a few broken rows do not spoil the rest; UTF-16 by its zeros; else the likeliest of the old ones.
 */
export function detectEncoding(sample: Buffer): string {
  if (sample[0] === 0xef && sample[1] === 0xbb && sample[2] === 0xbf) return 'utf-8';
  if (sample[0] === 0xff && sample[1] === 0xfe) return 'utf-16le';
  if (sample[0] === 0xfe && sample[1] === 0xff) return 'utf-16be';
  const zeros = [0, 0];
  for (let at = 0; at < sample.length; at++) if (sample[at] === 0) zeros[at % 2]! += 1;
  if (zeros[0]! + zeros[1]! > sample.length / 8) return zeros[1]! > zeros[0]! ? 'utf-16le' : 'utf-16be';
  const { valid, broken } = countUtf8(sample);
  if (broken === 0 || valid >= broken) return 'utf-8';
  return legacyEncoding(sample);
}

/** @throws TableUnreadable when there is no such encoding */
export function decoderOf(encoding: string): TextDecoder {
  try {
    return new TextDecoder(encoding);
  } catch (cause) {
    throw new TableUnreadable(`There is no text encoding called "${encoding}".`, { cause });
  }
}

/** The text of a file, piece by piece. Bytes that are none in the encoding become `UNDECODABLE`. */
export async function* decodeText(bytes: Readable, encoding: string): AsyncGenerator<string> {
  const decoder = decoderOf(encoding);
  for await (const chunk of bytes) {
    const text = decoder.decode(chunk as Buffer, { stream: true });
    if (text !== '') yield text;
  }
  const rest = decoder.decode();
  if (rest !== '') yield rest;
}

function legacyEncoding(sample: Buffer): string {
  const guess = detect(sample) ?? 'windows-1252';
  // Of the Latin ones its guesses are weak, and ISO-8859-1 is read as windows-1252 everywhere.
  if (/^(UTF|ISO-8859-[129]$|ASCII|ISO-2022)/i.test(guess)) return 'windows-1252';
  try {
    return new TextDecoder(guess).encoding;
  } catch {
    return 'windows-1252';
  }
}

/** How many characters beyond ASCII are valid UTF-8, and how many bytes are not. */
function countUtf8(sample: Buffer): { valid: number; broken: number } {
  let valid = 0;
  let broken = 0;
  for (let at = 0; at < sample.length; ) {
    const first = sample[at]!;
    if (first < 0x80) {
      at += 1;
      continue;
    }
    const length = first >= 0xf0 && first < 0xf5 ? 4 : first >= 0xe0 ? 3 : first >= 0xc2 ? 2 : 0;
    // Cut off by the end of the sample.
    if (length > 0 && at + length > sample.length) break;
    const isValid = length > 0 && first < 0xf5 && sample.subarray(at + 1, at + length).every((byte) => byte >> 6 === 2);
    if (isValid) valid += 1;
    else broken += 1;
    at += isValid ? length : 1;
  }
  return { valid, broken };
}
