/** Puts a value among the parameters. @returns its placeholder */
export type Bind = (value: unknown) => string;

/** How texts are compared, wherever: `texts` is what an expression gives, null where there is nothing. */
export function textSql(text: string, op: string, value: unknown, bind: Bind): string {
  switch (op) {
    case 'equals':
      return `coalesce(lower(${text}) = lower(${bind(value)}::text), false)`;
    case 'in':
      return `coalesce(lower(${text}) = any(${lowered(value, bind)}), false)`;
    case 'contains':
      return `coalesce(strpos(lower(${text}), lower(${bind(value)}::text)) > 0, false)`;
    case 'starts_with':
      return `coalesce(starts_with(lower(${text}), lower(${bind(value)}::text)), false)`;
    case 'exists':
      return is(value, `(${text} is not null)`);
    default:
      throw new TypeError(`Texts cannot be compared by ${op}.`);
  }
}

export function is(value: unknown, claim: string): string {
  return value === true ? claim : `(not ${claim})`;
}

/** The texts in lower case as the database has it, for `any(…)`: worked out once, so that indexes help. */
export function lowered(value: unknown, bind: Bind): string {
  return `array(select lower(t) from unnest(${bind(value)}::text[]) as t)`;
}
