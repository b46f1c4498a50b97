/** Lets one loop sleep until something happens. A ring while nobody waits is remembered. */
export class Bell {
  private rung = false;
  private answer: (() => void) | undefined;

  ring(): void {
    this.rung = true;
    this.answer?.();
  }

  /** Resolves at the next ring, at once when there was one since the last wait, or after the time. */
  async wait(longestMs: number): Promise<void> {
    if (!this.rung && longestMs > 0) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, longestMs);
        this.answer = () => {
          clearTimeout(timer);
          resolve();
        };
      });
      this.answer = undefined;
    }
    this.rung = false;
  }
}
