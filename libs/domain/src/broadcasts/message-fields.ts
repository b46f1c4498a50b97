import { errors } from '#contracts';

/** Fields of a message as somebody wrote it. */
export class Fields {
  constructor(
    private readonly of: Record<string, unknown>,
    readonly path: string,
  ) {}

  text(name: string): string {
    const value = this.maybe(name);
    if (value === undefined) throw invalid(`${this.path}.${name}`, 'is needed and must be a text');
    return value;
  }

  /** Null and empty are the same as absent. */
  maybe(name: string): string | undefined {
    const value = this.of[name] ?? '';
    if (typeof value !== 'string') throw invalid(`${this.path}.${name}`, 'must be a text');
    return value.trim() === '' ? undefined : value;
  }

  uuid(name: string): string {
    const value = this.text(name);
    if (!UUID.test(value)) throw this.wrong(name, 'must be a UUID');
    return value;
  }

  maybeUuid(name: string): string | undefined {
    return this.maybe(name) === undefined ? undefined : this.uuid(name);
  }

  number(name: string, most: number): number {
    const value = this.of[name];
    if (typeof value !== 'number' || !(Math.abs(value) <= most)) {
      throw invalid(`${this.path}.${name}`, `must be a number from -${most} to ${most}`);
    }
    return value;
  }

  maybeCount(name: string): number | undefined {
    const value = this.of[name];
    if (value === undefined || value === null) return undefined;
    if (!Number.isInteger(value) || (value as number) < 0) throw invalid(`${this.path}.${name}`, 'must be a count');
    return value as number;
  }

  texts(name: string): string[] {
    const value = this.of[name];
    if (!Array.isArray(value) || value.some((one) => typeof one !== 'string' || one === '')) {
      throw invalid(`${this.path}.${name}`, 'must be a list of texts');
    }
    return value;
  }

  isTrue(name: string): boolean {
    return this.of[name] === true;
  }

  /** Has to be said: true or false. */
  truth(name: string): boolean {
    const value = this.of[name];
    if (typeof value !== 'boolean') throw this.wrong(name, 'is needed and must be true or false');
    return value;
  }

  moment(name: string): string {
    const at = this.maybeMoment(name);
    if (at === undefined) throw this.wrong(name, 'is needed and must be a time such as 2026-12-01T18:00:00Z');
    return at;
  }

  /** ISO 8601 with its offset, as UTC. */
  maybeMoment(name: string): string | undefined {
    const value = this.maybe(name);
    if (value === undefined) return undefined;
    const isWhole = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})$/.test(value);
    if (!isWhole || Number.isNaN(Date.parse(value)))
      throw this.wrong(name, 'must be a time such as 2026-12-01T18:00:00Z');
    return new Date(value).toISOString();
  }

  /** Objects of a list, each with its fields. */
  each<T>(name: string, least: number, most: number, read: (one: Fields, index: number) => T): T[] {
    const value = this.of[name];
    if (!Array.isArray(value) || value.length < least || value.length > most) {
      throw this.wrong(name, `must be a list of ${least} to ${most}`);
    }
    return value.map((one: unknown, index) => {
      const path = `${this.path}.${name}.${index}`;
      if (typeof one !== 'object' || one === null || Array.isArray(one)) throw invalid(path, 'must be an object');
      return read(new Fields(one as Record<string, unknown>, path), index);
    });
  }

  /** An object within; absent like null. */
  within(name: string): Fields | undefined {
    const value = this.of[name] ?? undefined;
    if (value === undefined) return undefined;
    if (typeof value !== 'object' || Array.isArray(value)) throw this.wrong(name, 'must be an object');
    return new Fields(value as Record<string, unknown>, `${this.path}.${name}`);
  }

  wrong(name: string, message: string) {
    return invalid(`${this.path}.${name}`, message);
  }
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** Without what is undefined. */
export function given<T extends Record<string, string | undefined>>(fields: T): { [K in keyof T]?: string } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as never;
}

export function invalid(path: string, message: string) {
  return errors.validation({ fields: [{ path, message }] });
}
