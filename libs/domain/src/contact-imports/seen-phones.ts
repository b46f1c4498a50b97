/** The numbers of a file so far, with the line where each came first. A number and a line take some 50 bytes. */
export class SeenPhones {
  private readonly lines = new Map<number, number>();

  /** @returns the line where the number stood before, undefined when this is the first time */
  note(phone: string, line: number): number | undefined {
    // Fifteen digits at most: a number holds them exactly.
    const key = Number(phone);
    const before = this.lines.get(key);
    if (before === undefined) this.lines.set(key, line);
    return before;
  }
}
