import type { WireMessage } from '../../baileys.js';
import type { MediaHost } from '../../media/host.js';
import type { Account } from '../../network/account.js';
import type { StatusAudience, StatusAudiences } from '../../network/status/status-audiences.js';
import { STATUS_JID } from '../../network/status/status-carrier.js';
import type { ChatMessageView } from '../chats/chat-view.js';
import type { MessageNaming } from '../messages/message-key.js';
import type { Phone } from '../phone.js';

/** The status of a person: what it shows for a day, to whom, and what it looks at. */
export class PersonStatus {
  constructor(
    private readonly phone: Phone,
    private readonly audiences: StatusAudiences,
    private readonly naming: MessageNaming,
    private readonly media: MediaHost,
  ) {}

  /** Chooses who sees the next ones: all contacts, all but some, only some. */
  setAudience(mode: StatusAudience['mode'], numbers: readonly string[] = []): void {
    const people = new Set(numbers.map((number) => this.naming.account(number)));
    this.audiences.set(this.account, { mode, people });
    this.account.onChange?.();
  }

  /** The numbers of those who would see a status now. */
  get audience(): string[] {
    return this.audiences.peopleFor(this.account).map(({ number }) => number);
  }

  /** Posts a text. Resolves with its id. */
  postText(text: string, options: { color?: number } = {}): Promise<string> {
    const { color: backgroundArgb } = options;
    return this.post({ extendedTextMessage: { text, backgroundArgb } });
  }

  async postImage(file: Uint8Array, caption?: string): Promise<string> {
    const { mediaKey, fileSha256, fileEncSha256, fileLength, url, directPath } = await this.media.upload(file, 'image');
    const secrets = { mediaKey, fileSha256, fileEncSha256, fileLength, url, directPath };
    return this.post({ imageMessage: { mimetype: 'image/jpeg', caption, ...secrets } });
  }

  /** Posts any message, given as the protocol buffer has it. */
  post(message: WireMessage): Promise<string> {
    return this.phone.sendToRoom(STATUS_JID, message, undefined, this.audiences.peopleFor(this.account));
  }

  /** Deletes an own status for everyone. */
  revoke(id: string): Promise<string> {
    const key = { remoteJid: STATUS_JID, fromMe: true, id };
    return this.post({ protocolMessage: { key, type: 0 } });
  }

  /** What others show now: nothing is older than a day. */
  list(): ChatMessageView[] {
    const all = this.phone.chats.open(STATUS_JID)?.messages ?? [];
    return all.filter(({ fromMe, revoked }) => !fromMe && !revoked);
  }

  /** Own ones, with who has seen them. */
  own(): ChatMessageView[] {
    const all = this.phone.chats.open(STATUS_JID)?.messages ?? [];
    return all.filter(({ fromMe, revoked }) => fromMe && !revoked);
  }

  /** Looks at a status: its author learns of it. */
  view(status: { id: string; from: string }): void {
    this.phone.rooms.confirm(STATUS_JID, this.naming.account(status.from), [status.id], 'read');
    this.phone.chats.opened(STATUS_JID);
  }

  private get account(): Account {
    return this.phone.account;
  }
}
