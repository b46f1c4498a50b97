import fc, { type Arbitrary } from 'fast-check';

/** A part of an OpenAPI 3.1 document that says what a value may be. */
export interface ValueSchema {
  $ref?: string;
  allOf?: ValueSchema[];
  anyOf?: ValueSchema[];
  oneOf?: ValueSchema[];
  type?: string | string[];
  format?: string;
  const?: unknown;
  enum?: unknown[];
  pattern?: string;
  minimum?: number;
  maximum?: number;
  minLength?: number;
  maxLength?: number;
  minItems?: number;
  maxItems?: number;
  items?: ValueSchema;
  properties?: Record<string, ValueSchema>;
  required?: string[];
  additionalProperties?: boolean | ValueSchema;
  example?: unknown;
}

/** What values of some names have to be for a request to get anywhere: ids that exist, addresses nobody is called at. */
export type Named = Record<string, Arbitrary<unknown>>;

const LONGEST_TEXT = 60;
const DEEPEST = 5;

/** Values that the schema allows. */
export class SchemaArbitrary {
  constructor(
    private readonly schemas: Record<string, ValueSchema>,
    private readonly named: Named,
  ) {}

  of(schema: ValueSchema, name = '', depth = 0): Arbitrary<unknown> {
    const known = this.named[name];
    if (known) return known;
    if (schema.$ref) return this.of(this.schemas[schema.$ref.split('/').at(-1)!]!, name, depth);
    if (schema.const !== undefined) return fc.constant(schema.const);
    if (schema.enum) return fc.constantFrom(...schema.enum);
    const choice = schema.oneOf ?? schema.anyOf;
    if (choice) return fc.oneof(...choice.map((part) => this.of(part, name, depth)));
    if (schema.allOf) {
      const parts = fc.tuple(...schema.allOf.map((part) => this.of(part, name, depth)));
      return parts.map((values) => Object.assign({}, ...values) as unknown);
    }
    const own = fc.oneof(...[schema.type ?? 'object'].flat().map((type) => this.ofType(type, schema, depth)));
    return schema.example === undefined ? own : fc.oneof(fc.constant(schema.example), own);
  }

  private ofType(type: string, schema: ValueSchema, depth: number): Arbitrary<unknown> {
    switch (type) {
      case 'string':
        return text(schema);
      case 'integer':
        return fc.integer({ min: schema.minimum ?? -1000, max: Math.min(schema.maximum ?? 1_000_000, 2 ** 31 - 1) });
      case 'number':
        return fc.double({ min: schema.minimum ?? -1000, max: schema.maximum ?? 1_000_000, noNaN: true });
      case 'boolean':
        return fc.boolean();
      case 'null':
        return fc.constant(null);
      case 'array': {
        const { items = {}, minItems = 0, maxItems = 4 } = schema;
        return fc.array(this.of(items, '', depth + 1), {
          minLength: minItems,
          maxLength: Math.max(minItems, Math.min(maxItems, 4)),
        });
      }
      default:
        return this.object(schema, depth);
    }
  }

  private object(schema: ValueSchema, depth: number): Arbitrary<unknown> {
    const { properties = {}, required = [], additionalProperties } = schema;
    const names = Object.keys(properties).filter((name) => depth < DEEPEST || required.includes(name));
    if (names.length === 0) {
      return additionalProperties === undefined || additionalProperties === false
        ? fc.constant({})
        : fc.dictionary(fc.string({ maxLength: 10 }), fc.jsonValue({ maxDepth: 2 }), { maxKeys: 4 });
    }
    const fields = Object.fromEntries(names.map((name) => [name, this.of(properties[name]!, name, depth + 1)]));
    return fc.record(fields, { requiredKeys: names.filter((name) => required.includes(name) || name in this.named) });
  }
}

function text(schema: ValueSchema): Arbitrary<string> {
  switch (schema.format) {
    case 'uuid':
      return fc.uuid();
    case 'date-time':
      return fc
        .date({ min: new Date('2020-01-01'), max: new Date('2035-01-01'), noInvalidDate: true })
        .map((date) => date.toISOString());
    case 'date':
      return fc.constantFrom('2026-01-31', '2026-11-21');
    case 'email':
      return fc.stringMatching(/^[a-z]{1,12}@[a-z]{1,8}\.example$/);
    case 'uri':
    case 'url':
      return fc.constantFrom('http://127.0.0.1:1/x', 'https://[::1]/x', 'http://nobody.invalid/x');
    default: {
      const { minLength = 0, maxLength = LONGEST_TEXT, pattern } = schema;
      if (pattern !== undefined) {
        // Nothing is made to look ahead; what comes out wrong for that is refused, which has to be right as well.
        const plain = new RegExp(pattern.replaceAll(/\(\?[=!][^()]*(\([^()]*\)[^()]*)*\)/g, ''), 'u');
        return fc.stringMatching(plain, { maxLength: LONGEST_TEXT });
      }
      return fc.string({
        unit: 'grapheme',
        minLength,
        maxLength: Math.max(minLength, Math.min(maxLength, LONGEST_TEXT)),
      });
    }
  }
}

const odd: Arbitrary<unknown> = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    '',
    0,
    -1,
    1.5,
    1e300,
    2 ** 53,
    true,
    false,
    {},
    [],
    [[]],
    { $gt: '' },
    'x'.repeat(70_000),
  ),
  fc.constantFrom<unknown>(
    '\u0000',
    '\ud800',
    '__proto__',
    '../../etc/passwd',
    "' or 1=1 --",
    '{{7*7}}',
    '=1+1',
    '0'.repeat(400),
  ),
  fc.jsonValue({ maxDepth: 3 }),
  fc.string({ unit: 'binary', maxLength: 30 }),
);

/** The value with one thing in it gone or replaced, or something added. */
export function disturbed(value: Arbitrary<unknown>): Arbitrary<unknown> {
  return fc
    .tuple(
      value,
      fc.nat(),
      fc.constantFrom('remove', 'replace', 'add'),
      odd,
      fc.constantFrom('extra', '__proto__', 'constructor', 'organizationId', 'isPlatformAdmin', 'id', 'role'),
    )
    .map(([given, at, how, replacement, name]) => {
      const changed = structuredClone(given);
      const places = placesIn(changed);
      if (places.length === 0) return replacement;
      const [node, key] = places[at % places.length]!;
      if (how === 'remove' && !Array.isArray(node)) delete node[key];
      else if (how === 'add' && !Array.isArray(node))
        Object.defineProperty(node, name, { value: replacement, enumerable: true, configurable: true, writable: true });
      else node[key] = replacement;
      return changed;
    });
}

type Node = Record<string, unknown>;

function placesIn(value: unknown): [Node, string][] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.keys(value).flatMap((key): [Node, string][] => [
    [value as Node, key],
    ...placesIn((value as Node)[key]),
  ]);
}

/** Any value of a query parameter. */
export const oddText: Arbitrary<string> = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.constantFrom(
    '',
    ' ',
    '-1',
    '1e9',
    'NaN',
    'null',
    '\u0000',
    '%',
    '%00',
    'x'.repeat(3000),
    '2026-13-99',
    '[object Object]',
  ),
);
