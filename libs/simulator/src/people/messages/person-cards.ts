import type { proto, WireMessage } from '../../baileys.js';
import type { MediaHost } from '../../media/host.js';
import { templateOf, unwrap } from '../content.js';
import { nativeFlowAnswer, nativeFlowOf } from '../native-flow.js';
import type { MessageNaming, MessageReference } from './message-key.js';
import type { Writer } from './person-messages.js';

export interface Place {
  latitude: number;
  longitude: number;
  name?: string;
  address?: string;
}

export interface Choice {
  id: string;
  text: string;
}

/** Messages of further kinds: places, contact cards, stickers, voice, round videos, view-once files, choices. */
export class PersonCards {
  constructor(
    private readonly writer: Writer,
    private readonly naming: MessageNaming,
    private readonly media: MediaHost,
  ) {}

  location(to: string, place: Place): Promise<string> {
    const { latitude, longitude, name, address } = place;
    const locationMessage = { degreesLatitude: latitude, degreesLongitude: longitude, name, address };
    return this.writer.send(to, { locationMessage });
  }

  /** A place that moves: each call with the same `sequence` plus one is the next place. */
  liveLocation(to: string, place: Place, options: { sequence?: number; caption?: string } = {}): Promise<string> {
    const { sequence = 1, caption } = options;
    const at = { degreesLatitude: place.latitude, degreesLongitude: place.longitude };
    return this.writer.send(to, { liveLocationMessage: { ...at, caption, sequenceNumber: sequence } });
  }

  /** Contact cards: one travels alone, several as a list. */
  contacts(to: string, ...cards: { name: string; number: string }[]): Promise<string> {
    const [only, ...more] = cards.map(({ name, number }) => ({ displayName: name, vcard: vcard(name, number) }));
    if (!only) throw new Error('no contact was given');
    if (more.length === 0) return this.writer.send(to, { contactMessage: only });
    const contacts = [only, ...more];
    return this.writer.send(to, { contactsArrayMessage: { displayName: `${contacts.length} contacts`, contacts } });
  }

  /** A sticker: a WebP file. */
  async sticker(to: string, file: Uint8Array, options: { animated?: boolean } = {}): Promise<string> {
    const part = { ...(await this.upload(file, 'sticker', 'image/webp')), isAnimated: options.animated ?? false };
    return this.writer.send(to, { stickerMessage: part });
  }

  async voice(to: string, file: Uint8Array, seconds = 1): Promise<string> {
    const part = await this.upload(file, 'audio', 'audio/ogg; codecs=opus');
    return this.writer.send(to, { audioMessage: { ...part, seconds, ptt: true } });
  }

  async roundVideo(to: string, file: Uint8Array, seconds = 1): Promise<string> {
    const part = await this.upload(file, 'video', 'video/mp4');
    return this.writer.send(to, { ptvMessage: { ...part, seconds } });
  }

  /** A picture or video that can be looked at once. */
  async viewOnce(to: string, kind: 'image' | 'video', file: Uint8Array, caption?: string): Promise<string> {
    const part = await this.upload(file, kind, kind === 'image' ? 'image/jpeg' : 'video/mp4');
    const message = { [`${kind}Message`]: { ...part, caption, viewOnce: true } };
    return this.writer.send(to, { viewOnceMessageV2: { message } });
  }

  /** The invitation to a group for one person, with the code that a refused `add` gave. */
  groupInvite(
    to: string,
    invite: { group: string; code: string; expiresAt: number; caption?: string },
  ): Promise<string> {
    const groupInviteMessage = {
      groupJid: invite.group,
      groupName: this.naming.rooms.titleOf(invite.group),
      inviteCode: invite.code,
      inviteExpiration: Math.floor(invite.expiresAt / 1000),
      caption: invite.caption,
    };
    return this.writer.send(to, { groupInviteMessage });
  }

  // --- choices -------------------------------------------------------------------------------------------------------

  buttons(to: string, text: string, choices: readonly Choice[]): Promise<string> {
    const buttons = choices.map(({ id, text: displayText }) => ({
      buttonId: id,
      buttonText: { displayText },
      type: 1,
    }));
    return this.writer.send(to, { buttonsMessage: { contentText: text, buttons, headerType: 1 } });
  }

  list(to: string, title: string, choices: readonly Choice[], buttonText = 'Choose'): Promise<string> {
    const rows = choices.map(({ id, text }) => ({ rowId: id, title: text }));
    return this.writer.send(to, { listMessage: { title, buttonText, listType: 1, sections: [{ title, rows }] } });
  }

  template(to: string, text: string, choices: readonly Choice[]): Promise<string> {
    const hydratedButtons = choices.map(({ id, text: displayText }, index) => ({
      index,
      quickReplyButton: { id, displayText },
    }));
    return this.writer.send(to, {
      templateMessage: { hydratedTemplate: { hydratedContentText: text, hydratedButtons } },
    });
  }

  /** Chooses from the buttons, the list or the template of a message. */
  choose(message: MessageReference, id: string): Promise<string> {
    const found = this.writer.chats.find(message.chat, message.id, message.from)?.message;
    if (!found) throw new Error(`there is no message ${message.id} in ${message.chat}`);
    const inner = unwrap(found);
    const contextInfo = {
      stanzaId: message.id,
      participant: this.naming.addressIn(message.chat, message.from),
      quotedMessage: inner,
    };
    const answer = choiceOf(inner, id, contextInfo);
    if (!answer) throw new Error(`message ${message.id} offers no choice "${id}"`);
    return this.writer.send(message.chat, answer);
  }

  private async upload(file: Uint8Array, kind: 'image' | 'video' | 'audio' | 'sticker', mimetype: string) {
    const { mediaKey, fileSha256, fileEncSha256, fileLength, url, directPath } = await this.media.upload(file, kind);
    const mediaKeyTimestamp = Math.floor(this.writer.account.world.clock.now() / 1000);
    return { mimetype, mediaKey, fileSha256, fileEncSha256, fileLength, url, directPath, mediaKeyTimestamp };
  }
}

function choiceOf(inner: WireMessage, id: string, contextInfo: proto.IContextInfo): WireMessage | undefined {
  const button = inner.buttonsMessage?.buttons?.find(({ buttonId }) => buttonId === id);
  if (button) {
    const selectedDisplayText = button.buttonText?.displayText;
    return { buttonsResponseMessage: { selectedButtonId: id, selectedDisplayText, type: 1, contextInfo } };
  }
  const rows = inner.listMessage?.sections?.flatMap(({ rows: some }) => some ?? []) ?? [];
  const row = rows.find(({ rowId }) => rowId === id);
  if (row) {
    const singleSelectReply = { selectedRowId: id };
    return { listResponseMessage: { title: row.title, listType: 1, singleSelectReply, contextInfo } };
  }
  const tapped = nativeFlowOf(inner)?.options.find((option) => option.id === id);
  if (tapped) return nativeFlowAnswer(tapped, contextInfo);
  const offered = templateOf(inner)?.hydratedButtons ?? [];
  const index = offered.findIndex(({ quickReplyButton }) => quickReplyButton?.id === id);
  if (index < 0) return undefined;
  const selectedDisplayText = offered[index]?.quickReplyButton?.displayText;
  return { templateButtonReplyMessage: { selectedId: id, selectedDisplayText, selectedIndex: index, contextInfo } };
}

const vcard = (name: string, number: string): string =>
  ['BEGIN:VCARD', 'VERSION:3.0', `FN:${name}`, `TEL;type=CELL;waid=${number}:+${number}`, 'END:VCARD'].join('\n');
