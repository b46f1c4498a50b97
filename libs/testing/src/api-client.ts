import { randomBytes } from 'node:crypto';

export interface ApiAnswer {
  status: number;
  headers: Headers;
  /** Parsed JSON; null when the answer has no JSON. */
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape
  body: any;
  /** As it came. */
  text: string;
}

export interface Registered {
  client: ApiClient;
  email: string;
  password: string;
  accessToken: string;
  refreshToken: string;
  userId: string;
  organizationId: string;
}

/** Speaks v1 over real HTTP as one actor. */
export class ApiClient {
  /** @param url base address of the api, as `startApi` gives it */
  constructor(
    readonly url: string,
    private readonly credentials: Record<string, string> = {},
  ) {}

  /** A new organization, and a client that acts as its owner. */
  static async register(url: string, given: { email?: string; organizationName?: string } = {}): Promise<Registered> {
    const word = randomBytes(5).toString('hex');
    const email = given.email ?? `${word}@example.com`;
    const password = `a password of ${word}`;
    const { status, body } = await new ApiClient(url).post('/auth/register', {
      email,
      password,
      name: `Owner ${word}`,
      organizationName: given.organizationName ?? `Organization ${word}`,
    });
    if (status !== 201) throw new Error(`Registration answered ${status}: ${JSON.stringify(body)}`);
    const { accessToken, refreshToken, user } = body.data;
    return {
      client: ApiClient.bearer(url, accessToken),
      ...{ email, password, accessToken, refreshToken },
      userId: user.id,
      organizationId: user.organizationId,
    };
  }

  static bearer(url: string, accessToken: string): ApiClient {
    return new ApiClient(url, { authorization: `Bearer ${accessToken}` });
  }

  static apiKey(url: string, key: string): ApiClient {
    return new ApiClient(url, { 'x-api-key': key });
  }

  /** A client that acts with a new key of this actor. */
  async withKey(permissions: string[] = ['*']): Promise<ApiClient> {
    const { status, body } = await this.post('/api-keys', { name: 'test', permissions });
    if (status !== 201) throw new Error(`Creating a key answered ${status}: ${JSON.stringify(body)}`);
    return ApiClient.apiKey(this.url, body.data.key);
  }

  get(path: string, headers?: Record<string, string>): Promise<ApiAnswer> {
    return this.send('GET', path, undefined, headers);
  }

  post(path: string, body?: unknown, headers?: Record<string, string>): Promise<ApiAnswer> {
    return this.send('POST', path, body, headers);
  }

  put(path: string, body?: unknown, headers?: Record<string, string>): Promise<ApiAnswer> {
    return this.send('PUT', path, body, headers);
  }

  delete(path: string, headers?: Record<string, string>): Promise<ApiAnswer> {
    return this.send('DELETE', path, undefined, headers);
  }

  /** @param path below `/api/v1`. A string as body goes out as it is, for tests of malformed ones. */
  async send(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<ApiAnswer> {
    const response = await fetch(`${this.url}/api/v1${path}`, {
      method,
      headers: {
        ...this.credentials,
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      body: body === undefined || typeof body === 'string' ? body : JSON.stringify(body),
      signal: AbortSignal.timeout(60_000),
    });
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.includes('application/json') === true;
    return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : null, text };
  }
}
