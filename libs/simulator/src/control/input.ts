/** A mistake of the caller, with the HTTP status that says so. */
export class ControlError extends Error {
  constructor(
    readonly status: number,
    message: string,
    /** With 405: the methods that there are. */
    readonly allow?: string,
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
    /** Aborted when the caller has gone. */
    readonly signal: AbortSignal = new AbortController().signal,
  ) {}

  param(name: string): string {
    return this.params[name] ?? '';
  }

  paramNumber(name: string): number {
    return toNumber(name, this.params[name]);
  }

  queryText(name: string): string | undefined {
    return this.query.get(name) || undefined;
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

  /** A list whose items the operation's fields have described, and thereby checked. */
  list<T>(name: string): T[] {
    const value = this.body[name];
    if (!Array.isArray(value)) throw new ControlError(400, `"${name}" must be a list`);
    return value as T[];
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

  /** The bytes of a file: a part of `multipart/form-data`, or base64 in JSON. */
  file(name: string): UploadedFile | undefined {
    const value = this.body[name];
    if (value === undefined || value === null) return undefined;
    if (isUpload(value)) return value;
    if (typeof value !== 'string' || !BASE64.test(value)) {
      throw new ControlError(400, `"${name}" must be base64, or a file part of multipart/form-data`);
    }
    return { bytes: Buffer.from(value, 'base64') };
  }
}

/** A file that came with a request. */
export interface UploadedFile {
  bytes: Buffer;
  mimetype?: string;
  fileName?: string;
}

const BASE64 = /^[A-Za-z0-9+/\s]*={0,2}\s*$/;

const isUpload = (value: unknown): value is UploadedFile =>
  typeof value === 'object' && value !== null && 'bytes' in value && Buffer.isBuffer(value.bytes);

function toNumber(name: string, value: unknown): number {
  const number = typeof value === 'string' && value !== '' ? Number(value) : value;
  if (typeof number !== 'number' || !Number.isFinite(number)) throw new ControlError(400, `"${name}" must be a number`);
  return number;
}
