/** The v1 API as any client sees it. */
export class ApiClient {
  constructor(
    private readonly base: string,
    private readonly headers: Record<string, string> = {},
  ) {}

  as(headers: Record<string, string>): ApiClient {
    return new ApiClient(this.base, headers);
  }

  get<T>(path: string): Promise<T> {
    return this.call('GET', path);
  }

  post<T>(path: string, body: object = {}): Promise<T> {
    return this.call('POST', path, body);
  }

  /** @throws ApiRefusal with the code and sentence of the answer. */
  private async call<T>(method: string, path: string, body?: object): Promise<T> {
    const answer = await fetch(`${this.base}/api/v1${path}`, {
      method,
      headers: { ...this.headers, ...(body ? { 'content-type': 'application/json' } : {}) },
      body: body && JSON.stringify(body),
      signal: AbortSignal.timeout(60_000),
    });
    const envelope = (await answer.json()) as { data: T; error?: { code: string; message: string } };
    if (envelope.error) throw new ApiRefusal(`${method} ${path}`, answer.status, envelope.error);
    return envelope.data;
  }
}

export class ApiRefusal extends Error {
  constructor(
    request: string,
    readonly status: number,
    readonly error: { code: string; message: string; fields?: unknown },
  ) {
    super(`${request} answered ${status} ${error.code}: ${error.message} ${JSON.stringify(error.fields ?? '')}`);
  }
}
