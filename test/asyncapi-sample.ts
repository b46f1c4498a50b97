// biome-ignore lint/suspicious/noExplicitAny: schemas and what they allow
type Json = any;

/** The schema of the payload of an event. */
export function payloadOf(document: Json, event: string): Json {
  return document.components.messages[`event.${event}`].payload.allOf[1].properties.payload;
}

/** Something that a schema allows: all fields that it requires, and of every choice the first. */
export function sampleOf(document: Json, schema: Json, field = ''): Json {
  const inner = (one: Json, name = field) => sampleOf(document, one, name);
  if (schema.$ref)
    return inner(
      schema.$ref
        .split('/')
        .slice(1)
        .reduce((at: Json, key: string) => at[key], document),
    );
  if (schema.const !== undefined) return schema.const;
  if (schema.enum) return schema.enum[0];
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices) return inner(choices.find(({ type }: Json) => type !== 'null'));
  if (schema.allOf) return Object.assign({}, ...schema.allOf.map((part: Json) => inner(part)));
  switch ([schema.type].flat()[0]) {
    case 'array':
      return schema.items ? [inner(schema.items)] : [];
    case 'string':
      return textFor(field, schema.format);
    case 'number':
    case 'integer':
      return 1;
    case 'boolean':
      return true;
    case 'null':
      return null;
    default: {
      const required: string[] = schema.required ?? [];
      return Object.fromEntries(required.map((name) => [name, inner(schema.properties[name], name)]));
    }
  }
}

/** Fields that mean something are given what they mean. */
function textFor(field: string, format: string | undefined): string {
  if (format === 'date-time' || /(At|Until|until|at|from|to|Before)$/.test(field)) return '2026-11-21T08:30:00.000Z';
  if (/chatId$/i.test(field)) return '15550100002@s.whatsapp.net';
  if (/phone/i.test(field)) return '15550100002';
  if (/Id$|^id$/.test(field)) return '0198c2f1-3e4f-7051-ac6d-7e8f9a0b1c2d';
  return field === 'url' ? 'https://example.com/' : 'x';
}
