import { type Actor, errors, type ProfileId, type TemplateId } from '#contracts';
import { countTemplateUse, type Database, findTemplate } from '#database';
import type { MediaGiven } from '../media/media-intake.js';
import { type MessageDraft, textContent } from '../messaging/message-draft.js';
import type { Accepted, AcceptedAt, MessageSender } from '../messaging/message-sender.js';
import type { Once } from '../platform/once.js';
import { TemplateTexts } from './template-content.js';
import type { RenderOptions, TemplateValues } from './template-language.js';

export interface TemplateSend extends Pick<MessageDraft, 'to' | 'quoted'> {
  profileId: ProfileId;
  templateId: TemplateId;
  values: TemplateValues;
  options?: RenderOptions;
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
    const { profileId, templateId, values, options = {}, ...address } = request;
    const template = await this.db.tenant(actor, (tx) => findTemplate(tx, actor.organizationId, templateId));
    if (!template) throw errors.notFound({ message: 'There is no such template.', details: { templateId } });
    const { messageType, content } = template;
    const said = TemplateTexts.read(messageType, content).render(values, options);
    const counting: Once<Accepted> = async (tx, accepted) => {
      await countTemplateUse(tx, templateId, 1);
      await once?.(tx, accepted);
    };
    if (messageType === 'text') {
      const draft = { ...address, content: textContent(said.text ?? '') };
      return this.sender.accept(actor, { profileId, lane: 'interactive', drafts: [draft] }, counting);
    }
    const form: MediaGiven['form'] = messageType === 'audio' && said.ptt ? 'voice' : messageType;
    const given: MediaGiven = { form, url: said.url, ...(said.filename ? { fileName: said.filename } : {}) };
    return this.sender.acceptMedia(actor, profileId, { ...address, given, caption: said.caption }, counting);
  }
}
