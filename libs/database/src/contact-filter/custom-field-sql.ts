import { type Bind, is, textSql } from './text-sql.js';

/** A day at the beginning of a text: `2026-05-01`, also before a time. */
const DAY = "'^[0-9]{4}-[0-9]{2}-[0-9]{2}'";

const comparisons: Record<string, string> = { gt: '>', gte: '>=', lt: '<', lte: '<=' };

/**
 * A condition on a custom field. Values are JSON: a text is compared as text, a number as number; what is of another
 * kind than the condition asks for does not fit. A field with null in it is not there.
 */
export function customFieldSql(key: string, op: string, value: unknown, bind: Bind): string {
  const field = `(c.custom_fields -> ${bind(key)}::text)`;
  const text = `case when jsonb_typeof(${field}) = 'string' then ${field} #>> '{}' end`;
  const typed = (type: string, claim: string) =>
    `(case when jsonb_typeof(${field}) = '${type}' then ${claim} else false end)`;
  if (op === 'exists') return is(value, `coalesce(jsonb_typeof(${field}) <> 'null', false)`);
  if (op in comparisons) {
    return typed('number', `(${field} #>> '{}')::numeric ${comparisons[op]} ${bind(value)}::float8::numeric`);
  }
  if (op === 'before' || op === 'after') {
    const day = `left(${field} #>> '{}', 10) collate "C"`;
    return typed(
      'string',
      `(${field} #>> '{}') ~ ${DAY} and ${day} ${op === 'before' ? '<' : '>'} ${bind(value)}::text`,
    );
  }
  if (op === 'equals' && typeof value !== 'string') {
    return `coalesce(${field} = ${bind(JSON.stringify(value))}::jsonb, false)`;
  }
  if (op !== 'contains') return textSql(text, op, value, bind);
  const inList = typed(
    'array',
    `exists (select 1 from jsonb_array_elements(case jsonb_typeof(${field}) when 'array' then ${field} else '[]'::jsonb end) as item
              where jsonb_typeof(item) = 'string' and lower(item #>> '{}') = lower(${bind(value)}::text))`,
  );
  return `(${textSql(text, op, value, bind)} or ${inList})`;
}
