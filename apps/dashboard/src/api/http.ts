/** The api refused, or does not answer; the message is a sentence for people. */
export class Refusal extends Error {
  constructor(
    message: string,
    /** 0 when there was no answer. */
    readonly status: number,
    /** Of the catalogue (docs/reference/errors.md); `NO_ANSWER` when there was none. */
    readonly code: string,
    readonly fields: { path: string; message: string }[] = [],
  ) {
    super(message);
  }
}

export interface Reply<T> {
  data: T;
  meta: { nextCursor?: string | null };
}

/** One request to v1 of the api that serves this page. */
export async function call<T>(
  method: 'GET' | 'POST' | 'DELETE',
  path: string,
  body?: object,
  accessToken?: string,
): Promise<Reply<T>> {
  let response: Response;
  try {
    response = await fetch(`/api/v1${path}`, {
      method,
      cache: 'no-store',
      headers: {
        ...(body && { 'content-type': 'application/json' }),
        ...(accessToken && { authorization: `Bearer ${accessToken}` }),
      },
      body: body && JSON.stringify(body),
    });
  } catch {
    throw noAnswer();
  }
  const content = await response.json().catch(() => null);
  if (response.ok && content?.success) return content;
  if (!content?.error) throw noAnswer();
  const { message, code, fields } = content.error;
  const wait = response.status === 429 ? waitOf(response.headers.get('retry-after')) : '';
  throw new Refusal(wait === '' ? message : `That was too often. ${wait}`, response.status, code, fields);
}

/** Also when a proxy answered in its place. */
const noAnswer = (): Refusal =>
  new Refusal('Waypost does not answer. Check your connection and try again.', 0, 'NO_ANSWER');

function waitOf(retryAfter: string | null): string {
  const seconds = Number(retryAfter);
  if (!(seconds > 0)) return '';
  if (seconds < 90) return `Try again in ${seconds === 1 ? 'a second' : `${Math.ceil(seconds)} seconds`}.`;
  return `Try again in ${Math.ceil(seconds / 60)} minutes.`;
}
