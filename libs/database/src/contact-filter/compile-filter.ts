import { type ContactCondition, type ContactFilter, contactFieldOf } from '#contracts';
import { numbersOfCountry } from './country-numbers.js';
import { customFieldSql } from './custom-field-sql.js';
import { type Bind, is, lowered, textSql } from './text-sql.js';

/**
 * The SQL condition of a filter, over the row `c` of `contacts`. Nothing of the filter but numbers of placeholders gets
 * into the text; the values go to the end of `parameters`. It is always true or false, never null, so that `not` turns
 * it round. The statement may be used in any scope: what the filter looks into has the contact's own profile.
 *
 *     const parameters: unknown[] = [profileId];
 *     const rows = await tx.query(
 *       `select c.id from contacts c where c.profile_id = $1 and ${compileContactFilter(filter, parameters)}`, parameters);
 */
export function compileContactFilter(filter: ContactFilter, parameters: unknown[]): string {
  const bind: Bind = (value) => `$${parameters.push(value)}`;
  return compile(filter, bind);
}

function compile(filter: ContactFilter, bind: Bind): string {
  if ('and' in filter) return joined(filter.and, ' and ', 'true', bind);
  if ('or' in filter) return joined(filter.or, ' or ', 'false', bind);
  if ('not' in filter) return `(not ${compile(filter.not, bind)})`;
  return condition(filter, bind);
}

function joined(parts: ContactFilter[], word: string, empty: string, bind: Bind): string {
  return parts.length === 0 ? empty : `(${parts.map((part) => compile(part, bind)).join(word)})`;
}

function condition({ field, op, value }: ContactCondition, bind: Bind): string {
  const known = contactFieldOf(field);
  if (known?.kind === 'custom') return customFieldSql(known.key!, op, value, bind);
  switch (field) {
    case 'tags':
      return tagsSql(op, value, bind);
    case 'name':
      return textSql('coalesce(c.name, c.saved_name, c.verified_name, c.push_name)', op, value, bind);
    case 'phone':
      return phoneSql(op, value, bind);
    case 'country':
      return anyPhone((value as string[]).map((country) => countrySql(country, bind)).join(' or '));
    case 'lastInboundAt':
      return anyChat('last_inbound_at', op, value, bind);
    case 'lastOutboundAt':
      return anyChat('last_outbound_at', op, value, bind);
    case 'hasReplied':
      return is(value, chatWhere("v.last_inbound_at > coalesce(v.last_outbound_at, '-infinity')"));
    case 'optedOut':
      return is(value, '(c.opted_out_at is not null)');
    case 'blocked':
      return is(value, 'c.is_blocked');
    case 'onWhatsApp':
      return onWhatsAppSql(op, value, bind);
    case 'source':
      return `(c.source = any(${bind(value)}::text[]))`;
    case 'createdAt':
      return timeSql('c.created_at', op, value, bind);
    default:
      throw new TypeError(`There is no field ${field} to filter by.`);
  }
}

function tagsSql(op: string, value: unknown, bind: Bind): string {
  const has = (extra: string) => `exists (select 1 from contact_tags t where t.contact_id = c.id${extra})`;
  if (op === 'exists') return is(value, has(''));
  if (op === 'all') {
    return `(not exists (select 1 from unnest(${bind(value)}::text[]) as asked
              where not ${has(' and t.tag_key = lower(asked)')}))`;
  }
  const any = has(` and t.tag_key = any(${lowered(value, bind)})`);
  return op === 'none' ? `(not ${any})` : any;
}

function anyPhone(where: string): string {
  return `exists (select 1 from identities i where i.person_id = c.person_id and i.kind = 'phone' and (${where}))`;
}

function phoneSql(op: string, value: unknown, bind: Bind): string {
  if (op === 'exists') return is(value, anyPhone('true'));
  if (op === 'in') return anyPhone(`i.value = any(${bind(value)}::text[])`);
  return anyPhone(op === 'equals' ? `i.value = ${bind(value)}::text` : `starts_with(i.value, ${bind(value)}::text)`);
}

function countrySql(country: string, bind: Bind): string {
  const numbers = numbersOfCountry(country);
  if (!numbers) return 'false';
  return 'prefix' in numbers
    ? `starts_with(i.value, ${bind(numbers.prefix)}::text)`
    : `i.value ~ ${bind(numbers.pattern)}::text`;
}

function chatWhere(where: string): string {
  return `exists (select 1 from conversations v
            where v.profile_id = c.profile_id and v.person_id = c.person_id and ${where})`;
}

function anyChat(column: string, op: string, value: unknown, bind: Bind): string {
  if (op === 'exists') return is(value, chatWhere(`v.${column} is not null`));
  return chatWhere(timeSql(`v.${column}`, op, value, bind));
}

function timeSql(column: string, op: string, value: unknown, bind: Bind): string {
  if (op === 'exists') return is(value, `(${column} is not null)`);
  if (op === 'within_days') {
    return `coalesce(${column} >= now() - ${bind(value)}::float8 * interval '1 day', false)`;
  }
  return `coalesce(${column} ${op === 'before' ? '<' : '>'} ${bind(value)}::timestamptz, false)`;
}

function onWhatsAppSql(op: string, value: unknown, bind: Bind): string {
  const checked = (extra: string) => `exists (select 1 from identities i
      join number_checks n on n.organization_id = i.organization_id and n.phone = i.value
     where i.person_id = c.person_id and i.kind = 'phone'${extra})`;
  return op === 'exists' ? is(value, checked('')) : checked(` and n.exists = ${bind(value)}::boolean`);
}
