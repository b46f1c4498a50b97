import { ChatMessage, type SavedChatMessage } from './chat-message.js';

const KEPT_MESSAGES = 1_000;
const SAVED_MESSAGES = 200;

export interface SavedChat {
  id: string;
  unread: number;
  disappearingSeconds: number;
  pins: [string, number][];
  messages: SavedChatMessage[];
}

/** One conversation of a phone: its messages in order, the oldest dropped beyond a limit. */
export class Chat {
  unread = 0;
  disappearingSeconds = 0;
  /** Pinned messages and until when. */
  readonly pins = new Map<string, number>();
  private readonly messages = new Map<number, ChatMessage>();
  private readonly byId = new Map<string, ChatMessage[]>();

  constructor(
    /** The number of the other person, or the address of the group, newsletter or status. */
    readonly id: string,
  ) {}

  add(message: ChatMessage): void {
    this.messages.set(message.origin.index, message);
    const sameId = this.byId.get(message.origin.id);
    if (sameId) sameId.push(message);
    else this.byId.set(message.origin.id, [message]);
    if (this.messages.size > KEPT_MESSAGES) this.drop(this.messages.values().next().value);
  }

  /** A message by its id, and by who sent it when several people used one. */
  find(id: string | null | undefined, sender?: string): ChatMessage | undefined {
    const sameId = this.byId.get(id ?? '') ?? [];
    return sender === undefined ? sameId.at(-1) : sameId.find(({ origin }) => origin.sender === sender);
  }

  at(index: number): ChatMessage | undefined {
    return this.messages.get(index);
  }

  /** Oldest first. What has vanished by `now` is dropped. */
  list(now: number): ChatMessage[] {
    for (const one of this.messages.values()) {
      if (one.expiresAt !== undefined && one.expiresAt <= now && !one.kept) this.drop(one);
    }
    return [...this.messages.values()];
  }

  /** What is pinned now, the newest pin first. */
  pinned(now: number): string[] {
    for (const [id, until] of this.pins) if (until <= now) this.pins.delete(id);
    return [...this.pins.keys()].reverse();
  }

  snapshot(): SavedChat {
    const { id, unread, disappearingSeconds, pins } = this;
    const messages = [...this.messages.values()].slice(-SAVED_MESSAGES).map((one) => one.snapshot());
    return { id, unread, disappearingSeconds, pins: [...pins], messages };
  }

  static restore(saved: SavedChat): Chat {
    const chat = new Chat(saved.id);
    chat.unread = saved.unread;
    chat.disappearingSeconds = saved.disappearingSeconds;
    for (const [id, until] of saved.pins) chat.pins.set(id, until);
    for (const one of saved.messages) chat.add(ChatMessage.restore(one));
    return chat;
  }

  private drop(message: ChatMessage | undefined): void {
    if (!message) return;
    this.messages.delete(message.origin.index);
    const { id } = message.origin;
    const left = (this.byId.get(id) ?? []).filter((one) => one !== message);
    if (left.length) this.byId.set(id, left);
    else this.byId.delete(id);
  }
}
