import { open } from 'node:fs/promises';

/** Opus counts its samples at this rate, whatever it was recorded at (RFC 7845 §4). */
const OPUS_RATE = 48_000;
const TAIL_BYTES = 64 * 1024;

/** Seconds of an Ogg Opus file by the position of its last page (RFC 3533 §6); null when there is none to be found. */
export async function oggSeconds(path: string): Promise<number | null> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    const tail = Buffer.alloc(Math.min(size, TAIL_BYTES));
    await file.read(tail, 0, tail.length, size - tail.length);
    const page = tail.lastIndexOf('OggS');
    if (page === -1 || page + 14 > tail.length) return null;
    const samples = tail.readBigInt64LE(page + 6);
    return samples > 0n ? Number(samples) / OPUS_RATE : null;
  } finally {
    await file.close();
  }
}
