import { Injectable } from '@nestjs/common';
import { type Actor, CatalogueError, errorCatalogue, errors, type FieldError } from '#contracts';
import { type BulkMessage, errorAtField, type Saying, type TemplateFilling, TemplateSender } from '#domain';
import { whatsAppCapabilities } from '#engine';
import { checked } from '../http/validation.js';
import { type ContentType, contentKinds, sayingOf } from '../messages/content-kinds.js';
import { TemplateIn } from '../templates/template-sends.controller.js';
import { BulkContentIn, type BulkMessageIn, isWorded } from './bulk.dto.js';
import { fillWords, WordsTooLong } from './fill-words.js';

/** Most problems that are told at once. */
const MAX_TOLD_PROBLEMS = 50;

/**
 * Reads what the messages of a bulk request say. Of the kinds that the older product has that is checked here and filled in
 * by the domain; of all others it is the content of the single send, with variables in its texts.
 */
@Injectable()
export class BulkContents {
  constructor(private readonly templates: TemplateSender) {}

  /** @throws validation that names every wrong item, such as `messages.3.content.latitude` */
  async read(actor: Actor, messages: BulkMessageIn[]): Promise<BulkMessage[]> {
    const problems: FieldError[] = [];
    const read = messages.map((message, index) => told(problems, () => readContent(message, `messages.${index}`)));
    const filled = await this.fillIn(actor, read, problems);
    if (problems.length > 0) throw errors.validation({ fields: problems.slice(0, MAX_TOLD_PROBLEMS) });
    return filled;
  }

  /** All templates in one read. */
  private async fillIn(actor: Actor, read: (ReadMessage | null)[], problems: FieldError[]): Promise<BulkMessage[]> {
    const asked = read.flatMap((one) => (one && 'filling' in one ? one.filling : []));
    const sayings = asked.length > 0 ? await this.templates.fillInAll(actor, asked) : [];
    return read.flatMap((one, index) => {
      if (!one || !('filling' in one)) return one ?? [];
      const saying = sayings.shift()!;
      const { chatId, filling } = one;
      if (!(saying instanceof CatalogueError)) return { chatId, saying, templateId: filling.templateId };
      const field = saying.code === errorCatalogue.notFound.code ? 'content.templateId' : 'variables';
      problems.push({ path: `messages.${index}.${field}`, message: saying.message });
      return [];
    });
  }
}

type ReadMessage = BulkMessage | { chatId: string; filling: TemplateFilling };

function readContent({ chatId, type, content, variables }: BulkMessageIn, path: string): ReadMessage {
  const at = `${path}.content`;
  if (isWorded(type)) return { chatId, type, content: checked(BulkContentIn, content, at), variables };
  if (type === 'template') {
    const { templateId, variables: own, timeZone } = checked(TemplateIn, content, at);
    return { chatId, filling: { templateId, values: { ...variables, ...own }, options: { timeZone } } };
  }
  return { chatId, saying: filledSaying(type, content, variables ?? {}, at) };
}

/** Checked twice: so that only what the kind has is filled in, and after it. */
function filledSaying(
  type: ContentType,
  content: object,
  variables: NonNullable<BulkMessageIn['variables']>,
  at: string,
): Saying {
  const { body } = contentKinds[type];
  const given = checked<object>(body, content, at);
  const filled = checked<object>(body, filledAt(given, variables, at), at);
  const saying = atField(at, () => sayingOf(type, filled));
  if (saying.files.some(({ base64 }) => base64 !== undefined)) {
    throw refused(at, 'must name its files by url or uploadId: base64 is for single messages');
  }
  return saying;
}

function filledAt(content: object, variables: NonNullable<BulkMessageIn['variables']>, at: string): object {
  const { maxTextLength } = whatsAppCapabilities;
  try {
    return fillWords(content, variables, maxTextLength);
  } catch (failure) {
    if (!(failure instanceof WordsTooLong)) throw failure;
    throw refused(at, `must have at most ${maxTextLength} characters with its variables filled in`);
  }
}

/** What is refused about a part of the content, told from the top of the request. */
function atField<T>(at: string, read: () => T): T {
  try {
    return read();
  } catch (refusal) {
    throw errorAtField(refusal, at);
  }
}

/** What the reading gives; of a refusal its fields are told, and there is nothing. */
function told<T>(problems: FieldError[], read: () => T): T | null {
  try {
    return read();
  } catch (refusal) {
    if (!(refusal instanceof CatalogueError) || !refusal.fields) throw refusal;
    problems.push(...refusal.fields);
    return null;
  }
}

const refused = (path: string, message: string) => errors.validation({ fields: [{ path, message }] });
