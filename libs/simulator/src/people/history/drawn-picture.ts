import { crc32, deflateSync } from 'node:zlib';
import type { Random } from '../../time/random.js';

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
const CELLS = 5;

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type), data]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  const checksum = Buffer.alloc(4);
  checksum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, checksum]);
}

/** A PNG with a pattern that is the same on its left and right, as generated avatars have. */
export function drawnPicture(random: Random, size = 100): Buffer {
  const color = [random.int(40, 200), random.int(40, 200), random.int(40, 200)];
  const half = Math.ceil(CELLS / 2);
  const cells = Array.from({ length: CELLS * half }, () => random.chance(0.5));
  const row = 1 + size * 3;
  const pixels = Buffer.alloc(row * size, 0xf0);
  for (let y = 0; y < size; y += 1) {
    pixels[y * row] = 0;
    for (let x = 0; x < size; x += 1) {
      const column = Math.floor((x * CELLS) / size);
      const cell = Math.floor((y * CELLS) / size) * half + Math.min(column, CELLS - 1 - column);
      if (cells[cell]) pixels.set(color, y * row + 1 + x * 3);
    }
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(size, 0);
  header.writeUInt32BE(size, 4);
  // Eight bits of each of red, green and blue.
  header.set([8, 2, 0, 0, 0], 8);
  return Buffer.concat([
    SIGNATURE,
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(pixels)),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}
