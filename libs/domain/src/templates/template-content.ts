import { errors, type FieldError, type TemplateContent, type TemplateType } from '#contracts';
import { whatsAppCapabilities } from '#engine';
import {
  ParsedText,
  type RenderOptions,
  TemplateSyntaxError,
  TemplateTooCostly,
  type TemplateValues,
} from './template-language.js';

/** Which texts a type of message has; the first is needed. */
type FieldName = keyof TemplateContent & string;

const fieldsOf: Record<TemplateType, readonly FieldName[]> = {
  text: ['text'],
  image: ['url', 'uploadId', 'caption'],
  video: ['url', 'uploadId', 'caption'],
  audio: ['url', 'uploadId', 'ptt'],
  document: ['url', 'uploadId', 'caption', 'filename'],
};

/** A template's texts, read and checked: which variables they have, and what they say for given values. */
export class TemplateTexts {
  private constructor(
    private readonly content: TemplateContent,
    private readonly texts: Map<FieldName, ParsedText>,
  ) {}

  /** @throws validation for fields that the type does not have, that are missing, or that are not in the language */
  static read(messageType: TemplateType, content: TemplateContent, path = 'content'): TemplateTexts {
    const allowed = fieldsOf[messageType];
    const problems: FieldError[] = [];
    const texts = new Map<FieldName, ParsedText>();
    for (const [name, value] of Object.entries(content) as [FieldName, unknown][]) {
      const at = `${path}.${name}`;
      if (!allowed.includes(name)) problems.push({ path: at, message: `is no part of a ${messageType} message` });
      else if (name === 'uploadId') continue;
      else if (typeof value === 'string') {
        const read = parsed(value);
        if ('problem' in read) problems.push({ path: at, message: read.problem });
        else texts.set(name, read.text);
      }
    }
    const needed = allowed[0]!;
    const hasUpload = content.uploadId !== undefined && allowed.includes('uploadId');
    if (hasUpload && content.url !== undefined) {
      problems.push({ path: `${path}.uploadId`, message: 'must not be given together with url' });
    }
    if (
      !hasUpload &&
      !texts.get(needed)?.source.trim() &&
      !problems.some(({ path: at }) => at === `${path}.${needed}`)
    ) {
      problems.push({
        path: `${path}.${needed}`,
        message: needed === 'url' ? 'must not be empty, unless there is an uploadId' : 'must not be empty',
      });
    }
    if (problems.length > 0) throw errors.validation({ fields: problems });
    return new TemplateTexts(content, texts);
  }

  /** Names of all variables, in the order of the fields. */
  get variables(): string[] {
    return [...new Set([...this.texts.values()].flatMap((text) => text.variables))];
  }

  /** What it says, with places without a value left as they are. @throws validation when a text costs too much */
  preview(values: TemplateValues, options: RenderOptions): TemplateContent {
    return this.each((text) => text.preview(values, options));
  }

  /** Variables without which it must not be sent. */
  missing(values: TemplateValues): string[] {
    const needed = [...this.texts.values()].flatMap((text) => text.needed);
    return [...new Set(needed)].filter((name) => !Object.hasOwn(values, name) || values[name] === null);
  }

  /** @throws templateVariablesMissing; validation when a text costs too much */
  render(values: TemplateValues, options: RenderOptions): TemplateContent {
    const missing = this.missing(values);
    if (missing.length > 0) {
      throw variablesMissing(missing);
    }
    return this.each((text) => text.render(values, options));
  }

  private each(write: (text: ParsedText) => string): TemplateContent {
    const written = [...this.texts].map(([name, text]) => {
      try {
        return [name, write(text)] as const;
      } catch (error) {
        if (!(error instanceof TemplateTooCostly)) throw error;
        throw errors.validation({ fields: [{ path: `content.${name}`, message: tooCostly }] });
      }
    });
    return { ...this.content, ...Object.fromEntries(written) };
  }
}

const tooCostly = 'takes too much work to fill in: it loops or grows too far';

/** What is wrong with a text in the language of templates; null: nothing. */
export function problemOfText(source: string): string | null {
  const read = parsed(source);
  return 'problem' in read ? read.problem : null;
}

function parsed(source: string): { text: ParsedText } | { problem: string } {
  const { maxTextLength } = whatsAppCapabilities;
  if (source.length > maxTextLength) return { problem: `must be at most ${maxTextLength} characters` };
  try {
    return { text: ParsedText.read(source) };
  } catch (error) {
    if (error instanceof TemplateTooCostly) return { problem: tooCostly };
    if (!(error instanceof TemplateSyntaxError)) throw error;
    return { problem: `cannot be read at line ${error.line}, column ${error.column}: ${error.message}` };
  }
}

/** The refusal that names the variables without a value. */
export const variablesMissing = (missing: string[]) =>
  errors.templateVariablesMissing({
    message: `The template needs a value for: ${missing.join(', ')}.`,
    details: { missing },
  });
