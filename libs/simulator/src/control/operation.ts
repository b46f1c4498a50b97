/** A mistake of the caller, with the HTTP status that says so. */
export class ControlError extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

/** One request: path parameters, query and body, read with checks. */
export class ControlInput {
  constructor(
    private readonly params: Record<string, string>,
    private readonly query: URLSearchParams,
    private readonly body: Record<string, unknown>,
  ) {}

  param(name: string): string {
    return this.params[name] ?? '';
  }

  paramNumber(name: string): number {
    return toNumber(name, this.params[name]);
  }

  queryNumber(name: string): number | undefined {
    const value = this.query.get(name);
    return value === null ? undefined : toNumber(name, value);
  }

  text(name: string): string {
    const value = this.optionalText(name);
    if (value === undefined) throw new ControlError(400, `"${name}" is missing`);
    return value;
  }

  optionalText(name: string): string | undefined {
    const value = this.body[name];
    if (value === undefined || value === null) return undefined;
    if (typeof value !== 'string') throw new ControlError(400, `"${name}" must be a string`);
    return value;
  }

  optionalNumber(name: string): number | undefined {
    const value = this.body[name];
    return value === undefined || value === null ? undefined : toNumber(name, value);
  }

  number(name: string): number {
    return toNumber(name, this.body[name]);
  }

  flag(name: string): boolean | undefined {
    const value = this.body[name];
    if (value === undefined || value === null) return undefined;
    if (typeof value !== 'boolean') throw new ControlError(400, `"${name}" must be true or false`);
    return value;
  }

  choice<T extends string>(name: string, values: readonly T[], fallback?: T): T {
    const value = this.body[name] ?? fallback;
    const known = values.find((one) => one === value);
    if (!known) throw new ControlError(400, `"${name}" must be one of ${values.join(', ')}`);
    return known;
  }

  object<T extends object>(name: string): T | undefined {
    const value = this.body[name];
    if (value === undefined || value === null) return undefined;
    if (typeof value !== 'object') throw new ControlError(400, `"${name}" must be an object`);
    return value as T;
  }

  raw(name: string): unknown {
    return this.body[name];
  }

  file(name: string): Buffer | undefined {
    const text = this.optionalText(name);
    return text === undefined ? undefined : Buffer.from(text, 'base64');
  }
}

function toNumber(name: string, value: unknown): number {
  const number = typeof value === 'string' && value !== '' ? Number(value) : value;
  if (typeof number !== 'number' || !Number.isFinite(number)) throw new ControlError(400, `"${name}" must be a number`);
  return number;
}

/** An answer that is a file and not JSON. */
export interface FileAnswer {
  file: Buffer;
  mimetype: string;
}

/** One route of the control interface: what the document of routes says, and what it does. */
export interface ControlOperation {
  method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** With `{parameters}`. */
  path: string;
  /** The name of the client's method. */
  name: string;
  summary: string;
  /** Query parameters and what they mean. */
  query?: Record<string, string>;
  /** Body fields and what they mean; those that end in `?` are optional. */
  body?: Record<string, string>;
  run(input: ControlInput): unknown;
}
