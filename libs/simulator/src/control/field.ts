/** What a value is, as JSON Schema says it; the OpenAPI document shows it and `complaintsAbout` holds requests to it. */
export interface Schema {
  type?: 'string' | 'integer' | 'number' | 'boolean' | 'array' | 'object';
  description?: string;
  enum?: readonly string[];
  items?: Schema;
  properties?: Record<string, Schema>;
  required?: readonly string[];
  additionalProperties?: boolean | Schema;
  oneOf?: readonly Schema[];
  minimum?: number;
  maximum?: number;
  format?: string;
  contentEncoding?: string;
  examples?: readonly unknown[];
  $ref?: string;
}

/** The fields of a request by their names; a name that ends in `?` may be left out. */
export type Fields = Record<string, Schema>;

const shown = (example: unknown): { examples?: readonly unknown[] } =>
  example === undefined ? {} : { examples: [example] };

/** One field of a request or an answer: what it means, and an example of it. */
export const field = {
  text: (description: string, example?: string): Schema => ({ type: 'string', description, ...shown(example) }),
  number: (description: string, example?: number): Schema => ({ type: 'number', description, ...shown(example) }),
  count: (description: string, example?: number): Schema => ({
    type: 'integer',
    minimum: 0,
    description,
    ...shown(example),
  }),
  flag: (description: string, example?: boolean): Schema => ({ type: 'boolean', description, ...shown(example) }),
  choice: (values: readonly string[], description: string, example = values[0]): Schema => ({
    type: 'string',
    enum: values,
    description,
    ...shown(example),
  }),
  /** A phone number, digits only; a plus, spaces and brackets are taken off. */
  phone: (description: string, example = '6281300000002'): Schema => ({
    type: 'string',
    description,
    ...shown(example),
  }),
  phones: (description: string, example = ['6281300000002']): Schema => ({
    type: 'array',
    items: { type: 'string' },
    description,
    ...shown(example),
  }),
  list: (items: Schema, description: string, example?: readonly unknown[]): Schema => ({
    type: 'array',
    items,
    description,
    ...shown(example),
  }),
  object: (properties: Fields, description: string, example?: object): Schema => ({
    ...objectOf(properties),
    description,
    ...shown(example),
  }),
  /** A file: base64 in JSON; in `multipart/form-data` the part with this name. */
  file: (description: string, example?: string): Schema => ({
    type: 'string',
    contentEncoding: 'base64',
    description,
    ...shown(example),
  }),
  any: (description: string, example?: unknown): Schema => ({ description, ...shown(example) }),
  /** A shape that `schemas.ts` names. */
  ref: (name: string): Schema => ({ $ref: `#/components/schemas/${name}` }),
  listOf: (name: string): Schema => ({ type: 'array', items: { $ref: `#/components/schemas/${name}` } }),
};

/** The schema of an object with these fields and no others. */
export function objectOf(fields: Fields): Schema {
  const entries = Object.entries(fields).map(([name, schema]) => [name.replace(/\?$/, ''), schema] as const);
  return {
    type: 'object',
    properties: Object.fromEntries(entries),
    required: Object.keys(fields).filter((name) => !name.endsWith('?')),
    additionalProperties: false,
  };
}

/** What is wrong with a value, as a sentence that names the field; undefined when nothing is. */
export function complaintAbout(name: string, value: unknown, schema: Schema): string | undefined {
  if (schema.oneOf) {
    const complaints = schema.oneOf.map((one) => complaintAbout(name, value, one));
    return complaints.includes(undefined) ? undefined : complaints.join(', or ');
  }
  if (schema.enum && !schema.enum.includes(value as string))
    return `"${name}" must be one of ${schema.enum.join(', ')}`;
  // The bytes of a file are checked where they are read.
  if (schema.contentEncoding) return undefined;
  switch (schema.type) {
    case undefined:
      return undefined;
    case 'string':
      return typeof value === 'string' ? undefined : `"${name}" must be a string`;
    case 'boolean':
      return typeof value === 'boolean' ? undefined : `"${name}" must be true or false`;
    case 'integer':
    case 'number':
      return complaintAboutNumber(name, value, schema);
    case 'array':
      return complaintAboutList(name, value, schema);
    case 'object':
      return complaintAboutObject(name, value, schema);
  }
}

function complaintAboutNumber(name: string, value: unknown, { type, minimum, maximum }: Schema): string | undefined {
  if (typeof value !== 'number' || !Number.isFinite(value)) return `"${name}" must be a number`;
  if (type === 'integer' && !Number.isInteger(value)) return `"${name}" must be a whole number`;
  if (minimum !== undefined && value < minimum) return `"${name}" must be at least ${minimum}`;
  if (maximum !== undefined && value > maximum) return `"${name}" must be at most ${maximum}`;
  return undefined;
}

function complaintAboutList(name: string, value: unknown, { items = {} }: Schema): string | undefined {
  if (!Array.isArray(value)) return `"${name}" must be a list`;
  for (const [index, item] of value.entries()) {
    const complaint = complaintAbout(`${name}[${index}]`, item, items);
    if (complaint) return complaint;
  }
  return undefined;
}

function complaintAboutObject(name: string, value: unknown, schema: Schema): string | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return `"${name}" must be an object`;
  return complaintAboutFields(value as Record<string, unknown>, schema, `"${name}"`, `${name}.`);
}

/** Checks an object field by field: unknown names, missing ones, and what is in them. */
export function complaintAboutFields(
  value: Record<string, unknown>,
  { properties, required = [], additionalProperties }: Schema,
  whole: string,
  prefix = '',
): string | undefined {
  for (const [key, item] of Object.entries(value)) {
    const known = properties?.[key];
    if (known) {
      // null stands for "not given", as many languages write it.
      const complaint = item === null ? undefined : complaintAbout(`${prefix}${key}`, item, known);
      if (complaint) return complaint;
    } else if (properties && additionalProperties === false) {
      const names = Object.keys(properties).join(', ');
      return `"${prefix}${key}" is not a field of ${whole}; ${names ? `there are ${names}` : 'it has none'}`;
    }
  }
  const missing = required.find((key) => value[key] === undefined || value[key] === null);
  return missing === undefined ? undefined : `"${prefix}${missing}" is missing`;
}
