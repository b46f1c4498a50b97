import {
  type Actor,
  CatalogueError,
  errors,
  type ProfileId,
  type Said,
  type TemplateContent,
  type TemplateId,
  type TemplateType,
} from '#contracts';
import { countTemplateUse, type Database, findTemplates } from '#database';
import { type MessageDraft, textContent } from '../messaging/message-draft.js';
import type { Accepted, AcceptedAt, MessageSender } from '../messaging/message-sender.js';
import { fileSaying, plainSaying, type Saying, sayingBesides } from '../messaging/saying.js';
import type { Once } from '../platform/once.js';
import { TemplateTexts } from './template-content.js';
import type { RenderOptions, TemplateValues } from './template-language.js';

export interface TemplateSend extends Pick<MessageDraft, 'to' | 'quoted' | 'audience'> {
  profileId: ProfileId;
  templateId: TemplateId;
  values: TemplateValues;
  options?: RenderOptions;
  /** What the message says besides. */
  besides?: Said;
}

/** A template with what goes into it. */
export interface TemplateFilling {
  templateId: TemplateId;
  values: TemplateValues;
  options: RenderOptions;
}

/** Makes messages of templates. What a template says at that moment is what is sent; later changes change nothing. */
export class TemplateSender {
  constructor(
    private readonly db: Database,
    private readonly sender: MessageSender,
  ) {}

  /**
   * Fills the template in and accepts the message; the use is counted with it.
   * @throws notFound, templateVariablesMissing, and what `MessageSender` throws
   */
  async accept(actor: Actor, request: TemplateSend, once?: Once<Accepted>): Promise<AcceptedAt> {
    const { profileId, templateId, values, options = {}, besides = {}, ...address } = request;
    const saying = sayingBesides(await this.fillIn(actor, templateId, values, options), besides);
    const counting: Once<Accepted> = async (tx, accepted) => {
      await countTemplateUse(tx, templateId, 1);
      await once?.(tx, accepted);
    };
    return this.sender.acceptSaying(actor, profileId, { ...address, saying }, counting);
  }

  /** What the template says at this moment, for these values. @throws notFound, templateVariablesMissing */
  async fillIn(actor: Actor, templateId: TemplateId, values: TemplateValues, options: RenderOptions): Promise<Saying> {
    const [saying] = await this.fillInAll(actor, [{ templateId, values, options }]);
    if (saying instanceof CatalogueError) throw saying;
    return saying!;
  }

  /** The same for many at once: of each what it says, or what `fillIn` would throw. Each template is read once. */
  async fillInAll(actor: Actor, asked: TemplateFilling[]): Promise<(Saying | CatalogueError)[]> {
    const ids = [...new Set(asked.map(({ templateId }) => templateId))];
    const rows = await this.db.tenant(actor, (tx) => findTemplates(tx, actor.organizationId, ids));
    const templates = new Map(
      rows.map(({ id, messageType, content }) => [
        id,
        { messageType, texts: TemplateTexts.read(messageType, content) },
      ]),
    );
    return asked.map(({ templateId, values, options }) => {
      const template = templates.get(templateId);
      if (!template) return errors.notFound({ message: 'There is no such template.', details: { templateId } });
      try {
        return sayingOf(template.messageType, template.texts.render(values, options));
      } catch (refusal) {
        if (refusal instanceof CatalogueError) return refusal;
        throw refusal;
      }
    });
  }
}

function sayingOf(messageType: TemplateType, said: TemplateContent): Saying {
  if (messageType === 'text') return plainSaying(textContent(said.text ?? ''));
  const form = messageType === 'audio' && said.ptt ? 'voice' : messageType;
  return fileSaying(
    { form, url: said.url, uploadId: said.uploadId, ...(said.filename ? { fileName: said.filename } : {}) },
    said.caption,
  );
}
