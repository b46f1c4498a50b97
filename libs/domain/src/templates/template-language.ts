import { Liquid, type LiquidError, type Output, type Template } from 'liquidjs';

/**
 * The one language of texts with variables: Liquid, with what cannot leave the text. `{{name}}`,
 * `{{name | default: "you"}}`, dates, numbers, conditions. No files, no includes, no assignments that outlive a text.
 */

/** What can be put in: plain values, and objects and lists of them. Only own properties are ever read. */
export type TemplateValues = Readonly<Record<string, unknown>>;

export interface RenderOptions {
  /** For dates; IANA name. */
  timeZone?: string;
}

/** What is wrong with a text, at which line and column of it, both from 1. */
export class TemplateSyntaxError extends Error {
  constructor(
    message: string,
    readonly line: number,
    readonly column: number,
  ) {
    super(message);
    this.name = 'TemplateSyntaxError';
  }
}

/** A text whose rendering costs more than any message is worth. */
export class TemplateTooCostly extends Error {}

const kept = {
  tags: ['if', 'unless', 'case', 'for', 'comment', 'raw', 'break', 'continue'],
  filters: [
    'default',
    'upcase',
    'downcase',
    'capitalize',
    'strip',
    'lstrip',
    'rstrip',
    'append',
    'prepend',
    'remove',
    'replace',
    'truncate',
    'truncatewords',
    'date',
    'round',
    'ceil',
    'floor',
    'abs',
    'plus',
    'minus',
    'times',
    'divided_by',
    'modulo',
    'size',
    'first',
    'last',
    'join',
    'split',
    'slice',
    'at_least',
    'at_most',
    'newline_to_br',
  ],
};

/** Milliseconds, allocated values and characters that one text may cost. */
const limits = { parseLimit: 70_000, renderLimit: 100, memoryLimit: 200_000 };

/** Carries the time zone of a rendering to the filter; no text can name it. */
const zoneName = ' zone';

const liquid = makeLanguage();

/** A text that was read once and can be rendered for many. */
export class ParsedText {
  private constructor(
    readonly source: string,
    private readonly parts: Template[],
    /** First names of all variables, in their order. */
    readonly variables: string[],
    /** Those of them that need a value: printed as they are, without a default. */
    readonly needed: string[],
  ) {}

  /** @throws TemplateSyntaxError, TemplateTooCostly */
  static read(source: string): ParsedText {
    const parts = guarded(() => liquid.parse(source));
    const variables = liquid.globalVariablesSync(parts);
    return new ParsedText(source, parts, variables, neededIn(parts));
  }

  /** Variables without a value become nothing. @throws TemplateTooCostly */
  render(values: TemplateValues, { timeZone }: RenderOptions = {}): string {
    const globals = timeZone ? { [zoneName]: timeZone } : {};
    return guarded(() => liquid.renderSync(this.parts, values as object, { globals }) as string);
  }

  /** As `render`, but places without a value stay as they were written. @throws TemplateTooCostly */
  preview(values: TemplateValues, options: RenderOptions = {}): string {
    const open = outputsIn(this.parts).filter(
      ({ name, hasDefault }) => name !== null && !hasDefault && values[name] === undefined,
    );
    if (open.length === 0) return this.render(values, options);
    let shown = '';
    let copied = 0;
    for (const { begin, end } of open.sort((a, b) => a.begin - b.begin)) {
      shown += `${this.source.slice(copied, begin)}{% raw %}${this.source.slice(begin, end)}{% endraw %}`;
      copied = end;
    }
    return ParsedText.read(shown + this.source.slice(copied)).render(values, options);
  }
}

interface FilterThis {
  context: { globals: Record<string, string | undefined> };
}

interface Place {
  begin: number;
  end: number;
  /** First name of the variable; null when it is a constant. */
  name: string | null;
  hasDefault: boolean;
}

/** Every place that prints something, also inside conditions and loops. */
function outputsIn(parts: Template[]): Place[] {
  return parts.flatMap((part) => {
    const { value, token } = part as unknown as Partial<Output>;
    if (value && token && 'filters' in value) {
      const [first] = value.initial.postfix as { props?: { content?: string }[] }[];
      const hasDefault = value.filters.some((filter) => filter.name === 'default');
      return [{ begin: token.begin, end: token.end, name: first?.props?.[0]?.content ?? null, hasDefault }];
    }
    return part.children ? outputsIn(childrenOf(part)) : [];
  });
}

/** The library walks with generators that are driven from outside. */
function childrenOf(part: Template): Template[] {
  const walk = part.children!(false, true);
  let step = walk.next();
  while (!step.done) step = walk.next(step.value);
  return step.value;
}

function neededIn(parts: Template[]): string[] {
  const names = outputsIn(parts).flatMap(({ name, hasDefault }) => (name && !hasDefault ? [name] : []));
  // Names that a loop makes are not asked of anybody.
  const asked = new Set(liquid.globalVariablesSync(parts));
  return [...new Set(names)].filter((name) => asked.has(name));
}

function makeLanguage(): Liquid {
  const made = new Liquid({ ownPropertyOnly: true, strictFilters: true, timezoneOffset: 'UTC', ...limits });
  for (const name of Object.keys(made.tags)) if (!kept.tags.includes(name)) delete made.tags[name];
  for (const name of Object.keys(made.filters)) if (!kept.filters.includes(name)) delete made.filters[name];
  const date = made.filters.date as (this: FilterThis, value: unknown, format?: string, zone?: string) => unknown;
  made.registerFilter('date', function (this: FilterThis, value: unknown, format?: string, zone?: string) {
    return date.call(this, value, format, zone ?? this.context.globals[zoneName]);
  });
  made.registerFilter('number', (value: unknown, locale = 'en', digits?: number) => {
    const exact =
      digits === undefined ? {} : { minimumFractionDigits: Number(digits), maximumFractionDigits: Number(digits) };
    return formatted(value, locale, exact);
  });
  made.registerFilter('money', (value: unknown, currency = 'EUR', locale = 'en') =>
    formatted(value, locale, { style: 'currency', currency: String(currency) }),
  );
  return made;
}

/** What is no number, or no locale or currency that exists, stays as it is. */
function formatted(value: unknown, locale: unknown, options: Intl.NumberFormatOptions): unknown {
  const number = typeof value === 'number' ? value : Number(String(value ?? '').trim() || Number.NaN);
  if (!Number.isFinite(number)) return value;
  try {
    return new Intl.NumberFormat(String(locale), options).format(number);
  } catch {
    return value;
  }
}

function guarded<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    const { token, message, originalError } = error as LiquidError & { originalError?: Error };
    if (/limit exceeded/.test(message)) throw new TemplateTooCostly(message);
    const [line, column] = token?.getPosition?.() ?? [1, 1];
    throw new TemplateSyntaxError((originalError ?? (error as Error)).message, line!, column!);
  }
}
