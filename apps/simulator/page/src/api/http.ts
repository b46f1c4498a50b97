/** The simulator refused; the message is its sentence. */
export class Refusal extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

/** One request to the control interface that serves this page. */
export async function call<T>(
  method: string,
  path: string,
  body?: object | FormData,
  signal?: AbortSignal,
): Promise<T> {
  const isForm = body instanceof FormData;
  let response: Response;
  try {
    response = await fetch(path, {
      method,
      signal,
      ...(body ? { body: isForm ? body : JSON.stringify(body) } : {}),
      ...(body && !isForm ? { headers: { 'content-type': 'application/json' } } : {}),
    });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new Refusal(0, 'The simulator does not answer. Is it still running?');
  }
  const content = (await response.json().catch(() => ({}))) as T & { error?: string };
  if (!response.ok)
    throw new Refusal(response.status, sentence(content.error ?? `The simulator answered ${response.status}`));
  return content;
}

/** With a capital letter at the front, since it stands alone on a screen. */
const sentence = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
