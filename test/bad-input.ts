/** A part of an OpenAPI document that says what a value may be. */
export interface ValueSchema {
  $ref?: string;
  allOf?: ValueSchema[];
  /** One named schema, or null. */
  anyOf?: ValueSchema[];
  type?: string | string[];
  format?: string;
  enum?: unknown[];
  pattern?: string;
  minimum?: number;
  maximum?: number;
  minLength?: number;
  items?: ValueSchema;
  properties?: Record<string, ValueSchema>;
  required?: string[];
  additionalProperties?: unknown;
}

/** One wrong thing in an otherwise right request. */
export interface Wrong {
  /** Path of the field as errors write it, such as `messages.0.chatId`. */
  path: string;
  name: string;
  /** Undefined: the field is left out. */
  value: unknown;
}

/** Neither a name nor base64, and longer than the longest text that WhatsApp takes. */
const HUGE = '☃ '.repeat(33_000);

/**
 * Everything that is wrong for each property of a body and of what lies in it, by what the document says of them. What
 * lies in it by a named schema is left out when that is in `tried` already: one class checks it, whoever takes it.
 */
export function wrongBodies(
  schema: ValueSchema,
  example: unknown,
  schemas: Record<string, ValueSchema>,
  tried: Set<string>,
  at: string[] = [],
): Wrong[] {
  const { properties = {}, required = [] } = resolved(schema, schemas);
  return Object.entries(properties).flatMap(([name, property]) => {
    const path = [...at, name];
    const own = resolved(property, schemas);
    const isRequired = required.includes(name);
    const wrong = wrongValues(own, isRequired).map((each) => ({ path: path.join('.'), ...each }));
    const inside = (example as Record<string, unknown> | undefined)?.[name];
    if (own.properties && isNew(property, tried)) wrong.push(...wrongBodies(own, inside, schemas, tried, path));
    const item = own.items && resolved(own.items, schemas);
    if (item?.properties && isNew(own.items!, tried)) {
      wrong.push(...wrongBodies(item, (inside as unknown[] | undefined)?.[0], schemas, tried, [...path, '0']));
    }
    return wrong;
  });
}

/** Values for a query parameter that it may not have. */
export function wrongQueries(name: string, schema: ValueSchema): string[] {
  const twice = `${name}=1&${name}=2`;
  const given = (value: string) => `${name}=${encodeURIComponent(value)}`;
  if (name === 'cursor') {
    const cursors = [['none'], [], [1, 2, 3, 4], { a: 1 }, null, ["' or 1=1 --"], ['\u0000']];
    const encoded = cursors.map((value) => Buffer.from(JSON.stringify(value)).toString('base64url'));
    return [...['garbage', '%', '\u0000', 'x'.repeat(2000), ...encoded].map(given), twice];
  }
  const isNumber = schema.type === 'number' || schema.type === 'integer';
  // Any text will do for those that are compared with what is there.
  const isFree = schema.type === 'string' && !schema.enum && !schema.format && !schema.pattern;
  if (isFree) return [given('\u0000'), twice];
  const words = ['none', '\u0000', '[object Object]', '1;drop table messages'];
  // An empty number is zero, which some of them may be.
  const numbers = isNumber ? ['-1', '1e300', '1.5', 'NaN', 'Infinity', '0x10z'] : ['', ' '];
  const above = schema.maximum === undefined ? [] : [String(schema.maximum + 1), '1000000000'];
  return [...[...words, ...numbers, ...above].map(given), twice];
}

function wrongValues(schema: ValueSchema, isRequired: boolean): Omit<Wrong, 'path'>[] {
  const types = [schema.type].flat();
  const wrong: [string, unknown][] = [];
  if (isRequired) wrong.push(['missing', undefined]);
  if (!types.includes('null')) wrong.push(['null', null]);
  if (!types.includes('object')) wrong.push(['an object', { $gt: '' }]);
  if (!types.includes('array')) wrong.push(['a list', [[]]]);
  if (!types.includes('boolean')) wrong.push(['a boolean', true]);
  if (types.includes('number') || types.includes('integer')) {
    wrong.push(['a numeric text', '5'], ['an empty text', ''], ['a huge number', 1e300]);
    if (schema.format !== 'double') wrong.push(['a fraction', 1.5]);
    if (schema.minimum !== undefined) wrong.push(['too small', schema.minimum - 1]);
    if (schema.maximum !== undefined) wrong.push(['too large', schema.maximum + 1]);
  } else {
    wrong.push(['a number', 7]);
  }
  if (types.includes('string')) {
    const isChosen = schema.enum !== undefined || schema.format !== undefined || schema.pattern !== undefined;
    const mayBeEmpty = schema.minLength === 0;
    if (!mayBeEmpty && (isRequired || isChosen || schema.minLength)) wrong.push(['an empty text', '']);
    wrong.push(['a text of more than 100 kB', HUGE]);
  } else {
    wrong.push(['a text', 'some']);
  }
  if (types.includes('array')) wrong.push(['a list of what it must not hold', [7, null, {}, [[]]]]);
  return wrong.map(([name, value]) => ({ name, value }));
}

/** The body with one thing wrong in it. */
export function withWrong(body: unknown, { path, value }: Wrong): unknown {
  const changed = structuredClone(body ?? {});
  const names = path.split('.');
  // biome-ignore lint/suspicious/noExplicitAny: a JSON tree
  let node = changed as any;
  for (const name of names.slice(0, -1)) node = node[name] ??= {};
  if (value === undefined) delete node[names.at(-1)!];
  else node[names.at(-1)!] = value;
  return changed;
}

/** Whether a schema has no name, or one that is not among the tried ones; it then is. */
function isNew(schema: ValueSchema, tried: Set<string>): boolean {
  const name = nameOf(schema);
  if (name === undefined) return true;
  const known = tried.has(name);
  tried.add(name);
  return !known;
}

const nameOf = (schema: ValueSchema) => schema.$ref ?? (schema.allOf ?? schema.anyOf)?.[0]?.$ref;

function resolved(schema: ValueSchema, schemas: Record<string, ValueSchema>): ValueSchema {
  const reference = nameOf(schema);
  if (reference === undefined) return schema;
  const named = schemas[reference.split('/').at(-1)!]!;
  return { ...named, ...schema, type: schema.anyOf ? ['object', 'null'] : named.type };
}
