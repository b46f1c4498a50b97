import { errors, type FieldError } from '#contracts';

/**
 * What a mapping made, field by field. A mapping can put anything anywhere, so that each field is read for what it has to
 * be; what is wrong is told of all fields at once.
 */
export class MappedFields {
  private readonly problems: FieldError[];

  constructor(
    private readonly values: Record<string, unknown>,
    private readonly path: string,
    parent?: MappedFields,
  ) {
    this.problems = parent?.problems ?? [];
  }

  /** @throws hookMappingFailed when a field that was read is not what it has to be */
  assert(): void {
    if (this.problems.length === 0) return;
    const [{ path, message }] = this.problems as [FieldError];
    throw errors.hookMappingFailed({ message: `${path} ${message}.`, fields: this.problems });
  }

  /** Numbers and yes or no count as text. Empty when it is not there. */
  text(name: string): string {
    const value = this.values[name];
    if (typeof value === 'number' || typeof value === 'boolean') return String(value);
    if (typeof value === 'string') return value;
    if (value !== undefined && value !== null) this.wrong(name, 'must be a text');
    return '';
  }

  /** A text that has to say something. */
  needed(name: string): string {
    const text = this.text(name).trim();
    if (text === '') this.wrong(name, 'must not be empty');
    return text;
  }

  /** Undefined when it is empty. */
  optional(name: string): string | undefined {
    return this.text(name).trim() || undefined;
  }

  number(name: string, { min, max }: { min: number; max: number }): number {
    const value = this.values[name];
    const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
    if (typeof number === 'number' && number >= min && number <= max) return number;
    this.wrong(name, `must be a number from ${min} to ${max}`);
    return min;
  }

  /** ISO 8601 or seconds since 1970. */
  time(name: string): string {
    const value = this.values[name];
    const isSeconds = /^\d{9,11}$/.test(String(value));
    const at = new Date(isSeconds ? Number(value) * 1000 : String(value));
    if (!Number.isNaN(at.getTime())) return at.toISOString();
    this.wrong(name, 'must be a time, ISO 8601 or seconds since 1970');
    return '';
  }

  has(name: string): boolean {
    const value = this.values[name];
    return value !== undefined && value !== null && value !== '';
  }

  texts(name: string): string[] {
    return this.list(name).flatMap((value, index) => {
      if (typeof value === 'string' || typeof value === 'number') return String(value);
      this.wrong(`${name}.${index}`, 'must be a text');
      return [];
    });
  }

  /** A list of texts, or one text that stands for a list of one; without those that are empty. */
  textOrTexts(name: string): string[] {
    const value = this.values[name];
    const texts = Array.isArray(value) ? this.texts(name) : [this.text(name)];
    return texts.map((text) => text.trim()).filter((text) => text !== '');
  }

  objects(name: string): MappedFields[] {
    return this.list(name).flatMap((value, index) => {
      const path = `${this.path}.${name}.${index}`;
      if (isRecord(value)) return new MappedFields(value, path, this);
      this.wrong(`${name}.${index}`, 'must be an object');
      return [];
    });
  }

  /** What it is, an object in any case. */
  record(name: string): Record<string, unknown> {
    const value = this.values[name];
    if (isRecord(value)) return value;
    if (value !== undefined && value !== null) this.wrong(name, 'must be an object');
    return {};
  }

  wrong(name: string, message: string): void {
    this.problems.push({ path: `${this.path}.${name}`, message });
  }

  private list(name: string): unknown[] {
    const value = this.values[name];
    if (Array.isArray(value)) return value;
    if (value !== undefined && value !== null) this.wrong(name, 'must be a list');
    return [];
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
