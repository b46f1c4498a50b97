import { errors, type FieldError } from '#contracts';

/** Most custom headers of a webhook, and most characters of all names and values together. */
const mostHeaders = 20;
const longestHeaders = 8192;

/** Set by us, by HTTP itself, or meaningful to a proxy on the way: never the user's. */
const forbidden = new Set([
  'accept-encoding',
  'connection',
  'content-encoding',
  'content-length',
  'content-type',
  'expect',
  'host',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);
const forbiddenPrefixes = ['webhook-', 'x-multiwa-'];

/**
 * Checks the headers that a user wants on each call.
 * @returns them with lower-case names
 * @throws errors.validation naming each header at fault
 */
export function checkedHeaders(headers: Record<string, unknown>): Record<string, string> {
  const problems: FieldError[] = [];
  const checked: Record<string, string> = {};
  for (const [given, value] of Object.entries(headers)) {
    const name = given.toLowerCase();
    const problem = problemOf(name, value);
    if (problem !== null) problems.push({ path: `headers.${given}`, message: problem });
    else checked[name] = value as string;
  }
  const entries = Object.entries(checked);
  if (entries.length > mostHeaders) {
    problems.push({ path: 'headers', message: `must not be more than ${mostHeaders} headers` });
  }
  if (entries.reduce((sum, [name, value]) => sum + name.length + value.length, 0) > longestHeaders) {
    problems.push({ path: 'headers', message: `must not be longer than ${longestHeaders} characters together` });
  }
  if (problems.length > 0) throw errors.validation({ fields: problems });
  return checked;
}

function problemOf(name: string, value: unknown): string | null {
  // RFC 9110 §5.6.2 token.
  if (!/^[!#$%&'*+\-.^_`|~0-9a-z]+$/.test(name)) return 'is not a header name';
  if (forbidden.has(name) || forbiddenPrefixes.some((prefix) => name.startsWith(prefix))) {
    return 'is set by the server and cannot be replaced';
  }
  if (typeof value !== 'string') return 'must be a string';
  // Visible ASCII, space and tab: anything else could end the header and begin another.
  if (!/^[\t\x20-\x7e]*$/.test(value)) return 'must be printable ASCII without line breaks';
  return null;
}
