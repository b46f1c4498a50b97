import { type BinaryNode, proto } from '../../baileys.js';
import { bytes, child, stanza } from '../../wire/stanza.js';
import type { Account } from '../account.js';
import type { Carried, Carrier } from '../carrier.js';
import type { Device } from '../device.js';
import type { Counters } from '../observation.js';
import type { Newsletter, NewsletterMessage } from './newsletter.js';
import type { Newsletters } from './newsletters.js';

const NOT_FOUND = 404;
const MAY_NOT_WRITE = 403;
const MALFORMED = 479;
/** `edit` of a post: another version of the one with its id, or none any more. */
const POST_EDIT = '3';
const POST_REVOKE = '8';

/**
 * Takes what is written to newsletters: posts, edits and deletions by those who may, reactions by everybody. Posts go to
 * all devices of all followers (Baileys, Socket/newsletter.js; whatsmeow, newsletter.go and send.go).
 */
export class NewsletterCarrier implements Carrier {
  constructor(
    private readonly newsletters: Newsletters,
    private readonly counters: Counters,
  ) {}

  carry(sender: Device, message: BinaryNode): Carried {
    const newsletter = this.newsletters.find(message.attrs.to);
    if (!newsletter) return { error: NOT_FOUND };
    const reaction = child(message, 'reaction');
    if (reaction) return this.react(newsletter, sender.account, message, reaction.attrs.code);
    if (!newsletter.mayWrite(sender.account)) return { error: MAY_NOT_WRITE };
    const plaintext = bytes(child(message, 'plaintext'));
    const { edit } = message.attrs;
    if (edit === POST_EDIT || edit === POST_REVOKE) return this.replace(newsletter, sender, message, plaintext);
    if (plaintext.length === 0) return { error: MALFORMED };
    const { protocolMessage } = proto.Message.decode(plaintext);
    if (protocolMessage?.key?.id) return this.change(newsletter, sender, message, protocolMessage);
    const now = this.newsletters.world.clock.now();
    const post: NewsletterMessage = {
      serverId: newsletter.messages.length + 1,
      id: message.attrs.id ?? '',
      author: sender.account,
      at: now,
      changedAt: now,
      type: message.attrs.type ?? 'text',
      plaintext,
      reactions: new Map(),
      viewers: new Set(),
    };
    newsletter.messages.push(post);
    this.push(newsletter, sender, message, post.serverId);
    return { ack: { server_id: String(post.serverId) } };
  }

  /** Somebody has looked at messages. */
  view(account: Account, jid: string | undefined, serverIds: readonly number[]): void {
    const newsletter = this.newsletters.find(jid);
    for (const serverId of serverIds) {
      const post = newsletter?.message(serverId);
      if (!newsletter || !post || post.viewers.has(account)) continue;
      post.viewers.add(account);
      post.changedAt = this.newsletters.world.clock.now();
      this.newsletters.notices.live(newsletter, post);
    }
  }

  private react(newsletter: Newsletter, account: Account, message: BinaryNode, code: string | undefined): Carried {
    const post = newsletter.message(Number(message.attrs.server_id));
    if (!post) return { error: NOT_FOUND };
    if (newsletter.reactionCodes === 'NONE') return { error: MAY_NOT_WRITE };
    if (code) post.reactions.set(account, code);
    else post.reactions.delete(account);
    post.changedAt = this.newsletters.world.clock.now();
    this.newsletters.notices.live(newsletter, post, code);
    return {};
  }

  /** Edits or deletes an earlier post. */
  private change(
    newsletter: Newsletter,
    sender: Device,
    message: BinaryNode,
    { key, type, editedMessage }: proto.Message.IProtocolMessage,
  ): Carried {
    const post = newsletter.messageById(key?.id ?? undefined);
    if (!post) return { error: NOT_FOUND };
    if (type === proto.Message.ProtocolMessage.Type.MESSAGE_EDIT && editedMessage) {
      post.plaintext = Buffer.from(proto.Message.encode(editedMessage).finish());
    } else post.plaintext = Buffer.alloc(0);
    post.changedAt = this.newsletters.world.clock.now();
    this.push(newsletter, sender, message, post.serverId);
    return { ack: { server_id: String(post.serverId) } };
  }

  /** An edit or deletion under the id of the post itself (whatsmeow, send.go, `sendNewsletter`). */
  private replace(newsletter: Newsletter, sender: Device, message: BinaryNode, plaintext: Buffer): Carried {
    const post = newsletter.messageById(message.attrs.id);
    if (!post) return { error: NOT_FOUND };
    post.plaintext = message.attrs.edit === POST_REVOKE ? Buffer.alloc(0) : plaintext;
    post.changedAt = this.newsletters.world.clock.now();
    this.push(newsletter, sender, message, post.serverId);
    return { ack: { server_id: String(post.serverId) } };
  }

  private push(newsletter: Newsletter, sender: Device, message: BinaryNode, serverId: number): void {
    const { id, type, edit, mediatype } = message.attrs;
    const attrs = { from: newsletter.jid, id, type, edit, mediatype, server_id: serverId };
    const content = [stanza('plaintext', {}, bytes(child(message, 'plaintext')))];
    for (const account of newsletter.followers.keys()) {
      for (const device of account.devices.values()) {
        if (device === sender) continue;
        this.counters.add('messages.delivered');
        device.deliver(
          stanza('message', { ...attrs, is_sender: account === sender.account ? 'true' : undefined }, content),
        );
      }
    }
  }
}
