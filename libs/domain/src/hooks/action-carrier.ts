import type { Actor, HookActionResult } from '#contracts';
import type { Database, Tx } from '#database';
import { toChatJid } from '#engine';
import type { BroadcastCopies } from '../broadcasts/broadcast-copies.js';
import type { Contacts } from '../contacts/contacts.service.js';
import type { MessageSender } from '../messaging/message-sender.js';
import { fileSaying } from '../messaging/saying.js';
import type { LinkPreviews } from '../outbound/link-preview.js';
import type { TemplateSender } from '../templates/template-sender.js';
import { notAContact } from './foreseen-failure.js';
import type { PlannedAction } from './hook-actions.js';
import { hookActor } from './hook-actor.js';
import type { Hook } from './hook-settings.js';

/** What an action left behind, by our ids. */
type Made = Pick<HookActionResult, 'messageId' | 'contactId' | 'broadcastId'>;
/** Part of the transaction of what is done: when it throws, nothing was done. */
type Done = (tx: Tx, made: Made) => Promise<void>;
type Of<Kind extends PlannedAction['kind']> = Extract<PlannedAction, { kind: Kind }>;

/** What carries actions out. */
export interface HookTools {
  db: Database;
  sender: MessageSender;
  templates: TemplateSender;
  previews: LinkPreviews;
  contacts: Contacts;
  copies: BroadcastCopies;
}

/** Carries out what a hook planned, as the hook. Each action is one transaction, and `done` is in it. */
export class ActionCarrier {
  constructor(private readonly tools: HookTools) {}

  /** @throws what the operation throws that the action is; `done` was called then only in what is rolled back */
  async carryOut(hook: Hook, planned: PlannedAction, done: Done): Promise<void> {
    const actor = hookActor(hook);
    switch (planned.kind) {
      case 'send_message':
        return this.sendMessage(actor, hook, planned, done);
      case 'send_template':
        return this.sendTemplate(actor, hook, planned, done);
      case 'upsert_contact':
        return this.keepContact(actor, hook, planned, done);
      case 'add_tags':
      case 'remove_tags':
        return this.changeTags(actor, hook, planned, done);
      case 'start_broadcast': {
        const { kind: _kind, ...draft } = planned;
        await this.tools.copies.start(actor, { profileId: hook.profileId, ...draft }, (tx, { broadcast }) =>
          done(tx, { broadcastId: broadcast.id }),
        );
      }
    }
  }

  private async sendMessage(actor: Actor, { profileId }: Hook, { to, message }: Of<'send_message'>, done: Done) {
    const { sender, previews } = this.tools;
    const sent = (tx: Tx, { messages }: { messages: { id: string }[] }) => done(tx, { messageId: messages[0]!.id });
    if ('given' in message) {
      const saying = fileSaying(message.given, message.caption);
      await sender.acceptSaying(actor, profileId, { to, saying }, sent);
      return;
    }
    const content =
      message.content.kind === 'text' ? await previews.addTo(message.content, message.linkPreview) : message.content;
    await sender.accept(actor, { profileId, lane: 'interactive', drafts: [{ to, content }] }, sent);
  }

  private async sendTemplate(actor: Actor, { profileId }: Hook, planned: Of<'send_template'>, done: Done) {
    const { to, templateId, values, timeZone } = planned;
    const request = { profileId, templateId, values, options: { timeZone }, to };
    await this.tools.templates.accept(actor, request, (tx, { messages }) => done(tx, { messageId: messages[0]!.id }));
  }

  private async keepContact(actor: Actor, { profileId }: Hook, planned: Of<'upsert_contact'>, done: Done) {
    const { to, name, tags, metadata } = planned;
    const draft = { profileId, phone: toChatJid(to), name, tags, metadata };
    await this.tools.contacts.keep(actor, draft, (tx, { contact }) => done(tx, { contactId: contact.id }));
  }

  /** Who is no contact has no tag to lose, but cannot get one. */
  private async changeTags(actor: Actor, hook: Hook, planned: Of<'add_tags' | 'remove_tags'>, done: Done) {
    const { kind, to, tags } = planned;
    const { contacts, db } = this.tools;
    const contactId = await contacts.find(actor, hook.profileId, to);
    if (contactId === null) {
      if (kind === 'remove_tags') return db.tenant(actor, (tx) => done(tx, {}));
      throw notAContact();
    }
    await contacts.changeTags(actor, contactId, kind === 'add_tags' ? 'add' : 'remove', tags, (tx) =>
      done(tx, { contactId }),
    );
  }
}
