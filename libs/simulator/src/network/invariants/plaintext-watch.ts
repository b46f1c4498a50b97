import type { BinaryNode } from '../../baileys.js';

/** Shorter texts turn up by chance, in names and addresses. */
const SHORTEST = 12;
const WATCHED = 32;

/**
 * What people write never shows on the way. The newest texts are looked for in every stanza; a test can add words of its
 * own. Newsletters are left out, since their posts travel in the clear.
 */
export class PlaintextWatch {
  private readonly recent: Buffer[] = [];
  private readonly canaries: Buffer[] = [];

  /** Looks for this text from now on, for as long as the network runs. */
  addCanary(text: string): void {
    if (text.length < SHORTEST) throw new Error(`a canary has at least ${SHORTEST} characters: "${text}"`);
    this.canaries.push(Buffer.from(text));
  }

  /** Looks for this text for a while. */
  watch(text: string | undefined): void {
    if (!text || text.length < SHORTEST) return;
    this.recent.push(Buffer.from(text));
    if (this.recent.length > WATCHED) this.recent.shift();
  }

  /** The text that is to be seen in a stanza, if one is. */
  find(node: BinaryNode): string | undefined {
    if (this.recent.length + this.canaries.length === 0 || isNewsletter(node)) return undefined;
    for (const words of [this.recent, this.canaries]) {
      const found = words.find((word) => isIn(node, word));
      if (found) return found.toString();
    }
    return undefined;
  }
}

const isNewsletter = ({ attrs }: BinaryNode): boolean =>
  [attrs.to, attrs.from].some((jid) => jid?.endsWith('@newsletter'));

function isIn(node: BinaryNode, word: Buffer): boolean {
  const { content, attrs } = node;
  for (const name in attrs)
    if (Buffer.byteLength(attrs[name] ?? '') >= word.length && attrs[name]?.includes(word.toString())) return true;
  if (Array.isArray(content)) return content.some((one) => isIn(one, word));
  if (typeof content === 'string') return content.includes(word.toString());
  return content !== undefined && Buffer.from(content.buffer, content.byteOffset, content.byteLength).includes(word);
}
