import { errors } from '#contracts';

/** Deepest nesting of a body: nothing that is mapped lies deeper, and deeper trees only serve to exhaust the stack. */
const MAX_DEPTH = 64;
const MAX_FORM_FIELDS = 1000;
const MAX_HEADERS = 60;
const MAX_HEADER_LENGTH = 2000;

/** Names of headers and query parameters whose values are not kept. */
const SECRET = /auth|cookie|token|secret|signature|password|api-?key|credential/i;
const MASK = '***';

/** What a request said, as mappings and the log see it. */
export interface HookContent {
  /** Names in lower case. Credentials are masked. */
  headers: Record<string, string>;
  query: Record<string, string>;
  /** JSON, or the fields of a form. Null when there is none. */
  body: unknown;
}

/**
 * Reads the body by its type.
 * @throws malformedJson, unsupportedMediaType, validation
 */
export function readBody(bytes: Buffer, contentType: string | undefined): unknown {
  if (bytes.length === 0) return null;
  const type = (contentType ?? 'application/json').split(';')[0]!.trim().toLowerCase();
  if (type === 'application/x-www-form-urlencoded') return formOf(bytes.toString());
  if (type !== 'application/json' && !/^application\/[\w.-]+\+json$/.test(type)) {
    throw errors.unsupportedMediaType({
      message: 'Send the body as application/json or application/x-www-form-urlencoded.',
    });
  }
  let body: unknown;
  try {
    body = JSON.parse(bytes.toString());
  } catch {
    throw errors.malformedJson();
  }
  if (isDeeperThan(body, MAX_DEPTH)) {
    throw errors.malformedJson({ message: `The body is nested deeper than ${MAX_DEPTH} levels.` });
  }
  return body;
}

/** Headers or query as they are kept: no credentials, and not without end. */
export function withoutSecrets(
  given: Record<string, string>,
  secretNames: readonly string[] = [],
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(given)
      .slice(0, MAX_HEADERS)
      .map(([name, value]) => {
        const isSecret = SECRET.test(name) || secretNames.includes(name);
        return [name.slice(0, 200), isSecret ? MASK : value.slice(0, MAX_HEADER_LENGTH)];
      }),
  );
}

/** Fields that come several times become lists. */
function formOf(text: string): Record<string, string | string[]> {
  const fields = new Map<string, string | string[]>();
  for (const [name, value] of new URLSearchParams(text)) {
    const before = fields.get(name);
    fields.set(name, before === undefined ? value : [before, value].flat());
    if (fields.size > MAX_FORM_FIELDS) {
      throw errors.validation({ message: `The form has more than ${MAX_FORM_FIELDS} fields.` });
    }
  }
  return Object.fromEntries(fields);
}

/** Without recursion. */
function isDeeperThan(value: unknown, most: number): boolean {
  let level = [value];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > most) return true;
    level = level.flatMap((node) => (typeof node === 'object' && node !== null ? Object.values(node) : []));
  }
  return false;
}
