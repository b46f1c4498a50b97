import { Parser } from 'htmlparser2';

/** What a reader of XML is told. Names without their prefix. */
export interface XmlHandler {
  open?(name: string, attributes: Record<string, string>): void;
  text?(text: string): void;
  close?(name: string): void;
}

const local = (name: string) => name.slice(name.indexOf(':') + 1);

/** Reads XML piece by piece. Entities that a document defines itself are not unfolded. */
export function xmlReader(handler: XmlHandler): Parser {
  return new Parser(
    {
      onopentag: (name, attributes) => handler.open?.(local(name), attributes),
      ontext: (text) => handler.text?.(text),
      onclosetag: (name) => handler.close?.(local(name)),
    },
    { xmlMode: true, decodeEntities: true },
  );
}

/** Reads a small document whole. */
export async function readXml(pieces: AsyncIterable<string>, handler: XmlHandler): Promise<void> {
  const reader = xmlReader(handler);
  for await (const piece of pieces) reader.write(piece);
  reader.end();
}
