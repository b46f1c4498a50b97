/** Bars that WhatsApp draws for a voice note. */
const BARS = 64;
/** Samples a second that loudness is measured on; speech has nothing above that matters here. */
export const WAVEFORM_RATE = 8_000;
/** Samples that are folded into one value at once: memory grows with seconds, not with samples. */
const BLOCK = 80;

/** Takes mono 16-bit little-endian samples as they come and ends as 64 bars of 0 to 100, the loudest being 100. */
export class Waveform {
  private readonly blocks: number[] = [];
  private sum = 0;
  private inBlock = 0;
  private samples = 0;
  private odd: number | null = null;

  add(chunk: Buffer): void {
    let bytes = chunk;
    if (this.odd !== null) {
      bytes = Buffer.concat([Buffer.from([this.odd]), chunk]);
      this.odd = null;
    }
    const whole = bytes.length - (bytes.length % 2);
    for (let at = 0; at < whole; at += 2) this.take(Math.abs(bytes.readInt16LE(at)));
    if (whole < bytes.length) this.odd = bytes[whole]!;
  }

  get durationSeconds(): number {
    return this.samples / WAVEFORM_RATE;
  }

  /** Values of 0 to 100. */
  bars(): number[] {
    const blocks = this.inBlock > 0 ? [...this.blocks, this.sum / this.inBlock] : this.blocks;
    const means = Array.from({ length: BARS }, (_, bar) => {
      const from = Math.floor((bar * blocks.length) / BARS);
      const to = Math.max(from + 1, Math.floor(((bar + 1) * blocks.length) / BARS));
      const part = blocks.slice(from, to);
      return part.length === 0 ? 0 : part.reduce((total, each) => total + each, 0) / part.length;
    });
    const loudest = Math.max(...means);
    return means.map((mean) => (loudest === 0 ? 0 : Math.floor((mean / loudest) * 100)));
  }

  private take(loudness: number): void {
    this.samples += 1;
    this.sum += loudness;
    this.inBlock += 1;
    if (this.inBlock < BLOCK) return;
    this.blocks.push(this.sum / BLOCK);
    this.sum = 0;
    this.inBlock = 0;
  }
}
