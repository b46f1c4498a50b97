const OFFSET = 0x811c9dc5;
const PRIME = 0x01000193;
const FIRST_SIZE = 64;

/**
 * The newest ids of a kind, as marks of four bytes each: thousands of devices remember thousands of ids, and as text those
 * would be most of what a network holds. Two ids have the same mark once in four thousand million.
 */
export class ConfirmedIds {
  private marks = new Uint32Array(FIRST_SIZE);
  private count = 0;

  constructor(private readonly limit: number) {}

  /** @returns true when an older id was forgotten for it. */
  add(id: string): boolean {
    if (this.count === this.marks.length && this.count < this.limit) this.grow();
    this.marks[this.count % this.limit] = markOf(id);
    this.count += 1;
    return this.count > this.limit;
  }

  has(id: string): boolean {
    const at = this.marks.indexOf(markOf(id));
    return at >= 0 && at < this.count;
  }

  private grow(): void {
    const larger = new Uint32Array(Math.min(this.limit, this.marks.length * 2));
    larger.set(this.marks);
    this.marks = larger;
  }
}

/** FNV-1a, 32 bits. */
function markOf(id: string): number {
  let mark = OFFSET;
  for (let index = 0; index < id.length; index += 1) mark = Math.imul(mark ^ id.charCodeAt(index), PRIME);
  return mark >>> 0;
}
