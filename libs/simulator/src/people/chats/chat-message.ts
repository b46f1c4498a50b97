import { proto, type WireMessage } from '../../baileys.js';
import type { ChatMessageView, EventView, Ticks } from './chat-view.js';
import { type NumberOf, render } from './rendering.js';

export type EventResponse = 'going' | 'not-going' | 'maybe';

/** Who sent what, when, and where it stands among the messages of the phone. */
export interface MessageOrigin {
  index: number;
  id: string;
  sender: string;
  fromMe: boolean;
  at: number;
}

export interface SavedChatMessage {
  origin: MessageOrigin;
  message?: Uint8Array;
  notice?: string;
  recipients: string[];
  reactions: [string, string][];
  votes: [string, string[]][];
  responses: [string, EventResponse][];
  edited: boolean;
  revokedBy?: string;
  starred: boolean;
  kept: boolean;
  expiresAt?: number;
  accepted: boolean;
  failed: boolean;
  delivered: string[];
  read: string[];
  played: string[];
  views?: number;
}

/** One line of a chat, with all that was added to it later. */
export class ChatMessage {
  readonly reactions = new Map<string, string>();
  readonly votes = new Map<string, string[]>();
  readonly responses = new Map<string, EventResponse>();
  readonly delivered = new Set<string>();
  readonly read = new Set<string>();
  readonly played = new Set<string>();
  edited = false;
  revokedBy?: string;
  starred = false;
  kept = false;
  expiresAt?: number;
  /** The server has taken an own message over. */
  accepted = false;
  /** The server has refused it. */
  failed = false;
  views?: number;
  /** A message of a newsletter: its place there. */
  serverId?: number;

  constructor(
    readonly origin: MessageOrigin,
    /** Absent for a notice, and gone when it was deleted for everyone. */
    public message: WireMessage | undefined,
    /** For own messages: the people it went to. */
    readonly recipients: readonly string[],
    /** A line about the group itself. */
    readonly notice?: string,
  ) {}

  get ticks(): Ticks {
    if (this.failed) return 'failed';
    const all = (who: Set<string>): boolean =>
      this.recipients.length > 0 && this.recipients.every((one) => who.has(one));
    if (all(this.played)) return 'played';
    if (all(this.read)) return 'read';
    if (all(this.delivered)) return 'delivered';
    return this.accepted ? 'sent' : 'pending';
  }

  /** Who has it: reading and playing say so too. */
  confirm(who: string, state: 'delivered' | 'read' | 'played'): void {
    this.accepted = true;
    this.delivered.add(who);
    if (state !== 'delivered') this.read.add(who);
    if (state === 'played') this.played.add(who);
  }

  toView(nameOf: (number: string) => string, numberOf: NumberOf): ChatMessageView {
    const { origin, revokedBy } = this;
    const shown = this.message
      ? render(this.message, numberOf)
      : { kind: this.notice === undefined ? 'deleted' : 'notice', text: this.notice, viewOnce: false, forwarded: 0 };
    if (shown.poll) for (const option of shown.poll.options) option.voters = this.votersFor(option.name);
    if (shown.event) shown.event = this.answered(shown.event);
    return {
      ...origin,
      senderName: nameOf(origin.sender),
      ...shown,
      reactions: this.groupedReactions(),
      edited: this.edited,
      ...(revokedBy === undefined ? {} : { revoked: { by: revokedBy } }),
      starred: this.starred,
      kept: this.kept,
      ...(this.expiresAt === undefined ? {} : { expiresAt: this.expiresAt }),
      ...(origin.fromMe && this.notice === undefined
        ? { ticks: this.ticks, deliveredTo: [...this.delivered], readBy: [...this.read] }
        : {}),
      ...(this.views === undefined ? {} : { views: this.views }),
    };
  }

  snapshot(): SavedChatMessage {
    return {
      origin: this.origin,
      ...(this.message ? { message: proto.Message.encode(this.message).finish() } : {}),
      ...(this.notice === undefined ? {} : { notice: this.notice }),
      recipients: [...this.recipients],
      reactions: [...this.reactions],
      votes: [...this.votes],
      responses: [...this.responses],
      edited: this.edited,
      revokedBy: this.revokedBy,
      starred: this.starred,
      kept: this.kept,
      expiresAt: this.expiresAt,
      accepted: this.accepted,
      failed: this.failed,
      delivered: [...this.delivered],
      read: [...this.read],
      played: [...this.played],
      views: this.views,
    };
  }

  static restore(saved: SavedChatMessage): ChatMessage {
    const { origin, message, recipients, notice, reactions, votes, responses, delivered, read, played, ...flags } =
      saved;
    const one = new ChatMessage(origin, message && proto.Message.decode(message), recipients, notice);
    for (const [who, emoji] of reactions) one.reactions.set(who, emoji);
    for (const [who, options] of votes) one.votes.set(who, options);
    for (const [who, response] of responses) one.responses.set(who, response);
    for (const who of delivered) one.delivered.add(who);
    for (const who of read) one.read.add(who);
    for (const who of played) one.played.add(who);
    return Object.assign(one, flags);
  }

  private votersFor(option: string): string[] {
    return [...this.votes].filter(([, options]) => options.includes(option)).map(([who]) => who);
  }

  private answered(event: EventView): EventView {
    const by = (wanted: EventResponse): string[] =>
      [...this.responses].filter(([, response]) => response === wanted).map(([who]) => who);
    return { ...event, going: by('going'), notGoing: by('not-going'), maybe: by('maybe') };
  }

  private groupedReactions(): ChatMessageView['reactions'] {
    const senders = new Map<string, string[]>();
    for (const [who, emoji] of this.reactions) senders.set(emoji, [...(senders.get(emoji) ?? []), who]);
    return [...senders].map(([emoji, who]) => ({ emoji, senders: who }));
  }
}
