import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';

export interface Answer<T> {
  status: number;
  data: T;
  /** Why it was refused. */
  error?: { code: string };
}

/**
 * A customer's program that behaves well: it repeats a request that got no answer, or a 5xx, under the same
 * Idempotency-Key until it gets one.
 */
export class PatientClient {
  /** Requests that had to be repeated. */
  repeats = 0;

  constructor(
    private readonly url: () => string,
    private readonly headers: Record<string, string> = {},
    private readonly patienceMs = 120_000,
  ) {}

  as(headers: Record<string, string>): PatientClient {
    return new PatientClient(this.url, headers, this.patienceMs);
  }

  get<T>(path: string): Promise<Answer<T>> {
    return this.request<T>('GET', path);
  }

  post<T>(path: string, body: unknown = {}): Promise<Answer<T>> {
    return this.request<T>('POST', path, body);
  }

  /** A file as a form sends it. */
  upload<T>(path: string, file: File): Promise<Answer<T>> {
    const form = new FormData();
    form.append('file', file);
    return this.request<T>('POST', path, form);
  }

  put<T>(path: string, body: unknown): Promise<Answer<T>> {
    return this.request<T>('PUT', path, body);
  }

  private async request<T>(method: string, path: string, body?: unknown): Promise<Answer<T>> {
    const key = randomUUID();
    const deadline = performance.now() + this.patienceMs;
    for (;;) {
      const failure = await this.attempt<T>(method, path, body, key);
      if (typeof failure !== 'string') return failure;
      if (performance.now() > deadline) throw new Error(`${method} ${path}: ${failure}`);
      this.repeats += 1;
      await pause(100);
    }
  }

  /** The answer, or why another attempt is due. */
  private async attempt<T>(method: string, path: string, body: unknown, key: string): Promise<Answer<T> | string> {
    const headers: Record<string, string> = { ...this.headers };
    if (body !== undefined) headers['idempotency-key'] = key;
    // Of a form fetch says itself what it is.
    if (body !== undefined && !(body instanceof FormData)) headers['content-type'] = 'application/json';
    try {
      const response = await fetch(`${this.url()}/api/v1${path}`, {
        method,
        headers,
        body: body === undefined || body instanceof FormData ? body : JSON.stringify(body),
        signal: AbortSignal.timeout(20_000),
      });
      const answer = (await response.json()) as { data: T; error?: { code: string } };
      if (response.status >= 500 || answer.error?.code === 'IDEMPOTENCY_IN_PROGRESS') {
        return `${response.status} ${answer.error?.code}`;
      }
      return { status: response.status, ...answer };
    } catch (problem) {
      return (problem as Error).message;
    }
  }
}
