import { clearLine, cursorTo } from 'node:readline';

/** Prints what happens, each step when it has happened. */
export class Transcript {
  private readonly started = performance.now();
  private lastProgress = '';

  constructor(private readonly out: NodeJS.WriteStream) {}

  title(text: string): void {
    this.out.write(`\n${text}\n\n`);
  }

  line(text = ''): void {
    this.endProgress();
    this.out.write(`${text}\n`);
  }

  /** A step that is done, with what came of it. */
  done(what: string, detail = ''): void {
    const seconds = ((performance.now() - this.started) / 1000).toFixed(1).padStart(5);
    this.line(`${seconds} s  ✓ ${what}${detail ? `\n             ${detail}` : ''}`);
  }

  /** One line that is overwritten at a terminal; elsewhere a line for each tenth of the way. */
  progress(share: number, text: string): void {
    const width = 30;
    const filled = Math.round(share * width);
    const line = `         [${'█'.repeat(filled)}${'·'.repeat(width - filled)}] ${text}`;
    if (this.out.isTTY) {
      cursorTo(this.out, 0);
      this.out.write(line);
      clearLine(this.out, 1);
      this.lastProgress = line;
      return;
    }
    const tenth = String(Math.floor(share * 10));
    if (tenth === this.lastProgress) return;
    this.lastProgress = tenth;
    this.out.write(`${line}\n`);
  }

  private endProgress(): void {
    if (this.out.isTTY && this.lastProgress) this.out.write('\n');
    this.lastProgress = '';
  }
}
