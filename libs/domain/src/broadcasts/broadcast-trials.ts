import { type Actor, type BroadcastId, errors } from '#contracts';
import type { Database } from '#database';
import type { ChatAddress } from '#engine';
import type { Accepted, AcceptedAt, MessageSender } from '../messaging/message-sender.js';
import { recordAudit } from '../platform/audit-trail.js';
import type { Once } from '../platform/once.js';
import { variablesMissing } from '../templates/template-content.js';
import type { TemplateValues } from '../templates/template-language.js';
import type { BroadcastPreparer } from './broadcast-preparer.js';
import { fillIn } from './broadcast-words.js';
import { getBroadcast, resourceOf } from './broadcasts.js';

export interface BroadcastTrial {
  to: ChatAddress;
  /** Name of the variant; none: the first. */
  variant?: string;
  values: TemplateValues;
}

/** Sends what a broadcast says to somebody who tries it out. It is no recipient, and not counted. */
export class BroadcastTrials {
  constructor(
    private readonly db: Database,
    private readonly preparer: BroadcastPreparer,
    private readonly sender: MessageSender,
  ) {}

  /** @throws notFound, validation, templateVariablesMissing, and what `MessageSender.accept` throws */
  async send(
    actor: Actor,
    id: BroadcastId,
    { to, variant, values }: BroadcastTrial,
    once?: Once<Accepted>,
  ): Promise<AcceptedAt> {
    const row = await this.db.tenant(actor, (tx) => getBroadcast(tx, actor, id));
    const chosen = variant === undefined ? row.variants[0]! : row.variants.find(({ name }) => name === variant);
    if (!chosen) {
      throw errors.validation({ fields: [{ path: 'variant', message: 'is no variant of this broadcast' }] });
    }
    const { variants, files } = await this.preparer.prepare(actor, [chosen]);
    const filled = fillIn(variants[0]!, to, { ...row.settings.variables, ...values }, row.timeZone);
    if ('reason' in filled) {
      if (filled.reason === 'variables_missing') throw variablesMissing(filled.missing);
      throw errors.validation({
        fields: [{ path: 'variables', message: 'make the text too long, empty, or not sendable' }],
      });
    }
    const auditing: Once<Accepted> = async (tx, accepted) => {
      await recordAudit(tx, actor, { action: 'broadcast.test', resource: resourceOf(row) });
      await once?.(tx, accepted);
    };
    const draft = { to, content: filled.content, media: files };
    return this.sender.accept(actor, { profileId: row.profileId, lane: 'interactive', drafts: [draft] }, auditing);
  }
}
