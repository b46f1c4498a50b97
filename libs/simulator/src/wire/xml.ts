import type { BinaryNode } from '../baileys.js';

/** Of binary content so much is shown, in hex. */
const SHOWN_BYTES = 48;

/** A stanza as people write it: tags, attributes, and what is inside, at most `limit` characters. */
export function xmlOf(node: BinaryNode, limit = Number.POSITIVE_INFINITY): string {
  const lines: string[] = [];
  const room = { left: limit };
  write(node, 0, lines, room);
  return room.left < 0 ? `${lines.join('\n').slice(0, limit)}\n…` : lines.join('\n');
}

function write({ tag, attrs, content }: BinaryNode, depth: number, lines: string[], room: { left: number }): void {
  if (room.left < 0) return;
  const indent = '  '.repeat(depth);
  const add = (line: string): void => {
    lines.push(indent + line);
    room.left -= line.length + indent.length + 1;
  };
  const shown = Object.entries(attrs ?? {}).filter(([, value]) => value !== undefined);
  const opening = `<${[tag, ...shown.map(([name, value]) => `${name}="${escaped(String(value))}"`)].join(' ')}`;
  if (content === undefined || content === null || content.length === 0) add(`${opening}/>`);
  else if (Array.isArray(content)) {
    add(`${opening}>`);
    for (const child of content) write(child, depth + 1, lines, room);
    add(`</${tag}>`);
  } else add(`${opening}>${textOf(content)}</${tag}>`);
}

/** Text as text, anything else in hex with its length. */
function textOf(content: string | Uint8Array): string {
  if (typeof content === 'string') return escaped(content);
  const bytes = Buffer.from(content);
  if (bytes.length <= 1_000 && isPrintable(bytes)) return escaped(bytes.toString());
  const hex = bytes.subarray(0, SHOWN_BYTES).toString('hex');
  return `${hex}${bytes.length > SHOWN_BYTES ? '…' : ''} (${bytes.length} bytes)`;
}

const isPrintable = (bytes: Buffer): boolean => bytes.every((byte) => byte >= 0x20 && byte < 0x7f);

const escaped = (text: string): string => text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/"/g, '&quot;');
