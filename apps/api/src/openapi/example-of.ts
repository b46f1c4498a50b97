/** A JSON schema as the document has it. */
export interface Schema {
  $ref?: string;
  type?: string | string[];
  example?: unknown;
  examples?: unknown[];
  default?: unknown;
  enum?: unknown[];
  properties?: Record<string, Schema>;
  items?: Schema;
  allOf?: Schema[];
  oneOf?: Schema[];
  anyOf?: Schema[];
  required?: string[];
  [other: string]: unknown;
}

export type Schemas = Record<string, Schema>;

/**
 * An example of a schema, made of the examples of its properties.
 * @returns undefined when a property has none, so that a test can name what is missing
 */
export function exampleOf(schema: Schema | undefined, schemas: Schemas): unknown {
  if (!schema) return undefined;
  if (schema.example !== undefined) return schema.example;
  if (schema.examples?.length) return schema.examples[0];
  if (schema.$ref) return exampleOf(schemas[schema.$ref.split('/').at(-1)!], schemas);
  if (schema.allOf) {
    const parts = schema.allOf.map((part) => exampleOf(part, schemas));
    return parts.some((part) => part === undefined) ? undefined : merged(parts);
  }
  const choice = schema.oneOf ?? schema.anyOf;
  if (choice) return choice.map((part) => exampleOf(part, schemas)).find((example) => example !== undefined);
  if (schema.properties) {
    const entries = Object.entries(schema.properties).map(([name, part]) => [name, exampleOf(part, schemas)] as const);
    return entries.some(([, example]) => example === undefined) ? undefined : Object.fromEntries(entries);
  }
  if (schema.items) {
    const item = exampleOf(schema.items, schemas);
    return item === undefined ? undefined : [item];
  }
  return schema.default ?? schema.enum?.[0];
}

function merged(parts: unknown[]): unknown {
  return parts.every((part) => typeof part === 'object' && part !== null) ? Object.assign({}, ...parts) : parts.at(-1);
}
