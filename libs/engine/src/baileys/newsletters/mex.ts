import { type BinaryNode, getBinaryNodeChild, type WASocket } from '@whiskeysockets/baileys';

/** The answer of the server to a GraphQL document that it knows by a number (Baileys, Socket/mex.js; whatsmeow, `sendMexIQ`). */
export async function askMex<T>(sock: WASocket, queryId: string, path: string, variables: object): Promise<T> {
  const query: BinaryNode = { tag: 'query', attrs: { query_id: queryId }, content: jsonBytes({ variables }) };
  const answer = await sock.query({
    tag: 'iq',
    attrs: { type: 'get', to: '@s.whatsapp.net', xmlns: 'w:mex' },
    content: [query],
  });
  const { data, errors } = parse(getBinaryNodeChild(answer, 'result'));
  const code = errors?.[0]?.extensions?.error_code;
  // In the form in which the library reports refusals, so that `ask` reads it.
  if (errors?.length) throw Object.assign(new Error(errors[0]?.message), { output: { statusCode: code ?? 400 } });
  return data?.[path] as T;
}

interface MexAnswer {
  data?: Record<string, unknown> | null;
  errors?: { message?: string; extensions?: { error_code?: number } }[];
}

/** Reads the JSON of an answer or a notice; empty when it is none. */
export function parse(node: BinaryNode | undefined): MexAnswer {
  if (!(node?.content instanceof Uint8Array)) return {};
  try {
    return JSON.parse(Buffer.from(node.content).toString('utf8')) as MexAnswer;
  } catch {
    return {};
  }
}

const jsonBytes = (value: object): Buffer => Buffer.from(JSON.stringify(value));
