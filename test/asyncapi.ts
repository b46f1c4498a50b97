import { Ajv2019 } from 'ajv/dist/2019.js';
import addFormats from 'ajv-formats';

/** Says what is wrong with a message by the AsyncAPI document; null when it is as the document says, and no more. */
export type MessageCheck = (message: string, payload: unknown) => string | null;

// biome-ignore lint/suspicious/noExplicitAny: a schema, or a part of an AsyncAPI document
type Json = any;

export interface AsyncApi {
  document: Json;
  check: MessageCheck;
}

/** Reads the document that an api serves. */
export async function readAsyncApi(url: string): Promise<AsyncApi> {
  const document: Json = await (await fetch(`${url}/api/asyncapi.json`)).json();
  const ajv = new Ajv2019({ strict: false, allErrors: true });
  (addFormats as unknown as (ajv: Ajv2019) => void)(ajv);
  const messages = Object.entries(document.components.messages as Record<string, Json>);
  const payloads = Object.fromEntries(messages.map(([name, { payload }]) => [name, whole(payload)]));
  ajv.addSchema({ $id: 'asyncapi', components: document.components, payloads });
  const check: MessageCheck = (message, payload) => {
    if (payloads[message] === undefined) return `there is no message ${message}`;
    const valid = ajv.getSchema(`asyncapi#/payloads/${message}`)!;
    return valid(payload) ? null : `${message}: ${ajv.errorsText(valid.errors)}`;
  };
  return { document, check };
}

export async function asyncApiCheck(url: string): Promise<MessageCheck> {
  return (await readAsyncApi(url)).check;
}

/** Readers put up with fields that come later; here there must be none that the document does not name. */
function whole(payload: Json): Json {
  const [common, own] = payload.allOf ?? [];
  if (own?.properties === undefined) return named(payload);
  const { data, payload: facts, ...rest } = own.properties;
  const inner = { ...(data && { data: named(data) }), ...(facts && { payload: named(facts) }) };
  return named({ allOf: [common, { ...own, properties: { ...rest, ...inner } }] });
}

const named = (schema: Json): Json => ({ allOf: [schema], unevaluatedProperties: false });
