import type { proto } from '../../baileys.js';
import type { Account } from '../../network/account.js';
import { COLLECTIONS, type CollectionName } from '../../network/app-state.js';
import type { Directory } from '../../network/directory.js';
import { Feed } from '../feed.js';
import type { SettingEntry, SettingMutation } from './phone-collection.js';
import { type MessagePointer, settingChanges } from './setting-changes.js';
import { type SettingsParts, SettingsSync } from './settings-sync.js';

const KEPT_CHANGES = 5_000;
const DEFAULT_TIMEOUT_MS = 10_000;

/** A setting that a companion changed and the phone took over. */
export interface SettingRecord {
  index: number;
  collection: CollectionName;
  /** The kind of setting, for instance `archive` or `label_jid`. */
  kind: string;
  /** What it is about: addresses of chats, ids of labels and messages. */
  about: string[];
  /** The action as the protocol buffer has it; absent when the setting was taken out. */
  value?: proto.ISyncActionValue;
  at: number;
}

/** How a chat stands in the phone's list. */
export interface ChatSettings {
  archived: boolean;
  pinned: boolean;
  locked: boolean;
  markedUnread: boolean;
  /** Milliseconds since 1970, -1 for ever, absent when it is not muted. */
  mutedUntil?: number;
  /** Ids of its labels. */
  labels: string[];
  /** Milliseconds since 1970 of the last time it was emptied. */
  clearedAt?: number;
  deletedAt?: number;
}

export interface Label {
  id: string;
  name: string;
  color: number;
}

export interface SavedContact {
  number: string;
  name: string;
}

/** What a person sets on the phone for all devices of the account, and what companions have set. */
export class PersonSettings {
  /** What companions changed, in the order in which the phone took it over. */
  readonly changes = new Feed<SettingRecord>(KEPT_CHANGES);
  readonly sync: SettingsSync;
  private readonly account: Account;

  constructor(
    parts: Omit<SettingsParts, 'onChanges'>,
    private readonly directory: Directory,
  ) {
    this.account = parts.account;
    this.sync = new SettingsSync({ ...parts, onChanges: (name, changes) => this.take(name, changes) });
  }

  // --- chats ---------------------------------------------------------------------------------------------------------

  /** Archives a chat, which also unpins it (whatsmeow `BuildArchive`), or takes it back. */
  archive(chat: string, archived = true): Promise<void> {
    const jid = this.chatAddress(chat);
    const unpin = archived ? [settingChanges.pin(jid, false)] : [];
    return this.sync.push([settingChanges.archive(jid, archived), ...unpin]);
  }

  pin(chat: string, pinned = true): Promise<void> {
    return this.sync.push([settingChanges.pin(this.chatAddress(chat), pinned)]);
  }

  /** Mutes a chat until a time in milliseconds since 1970; -1 for ever. */
  mute(chat: string, until = -1): Promise<void> {
    return this.sync.push([settingChanges.mute(this.chatAddress(chat), until)]);
  }

  unmute(chat: string): Promise<void> {
    return this.sync.push([settingChanges.mute(this.chatAddress(chat), undefined)]);
  }

  markChatRead(chat: string): Promise<void> {
    return this.sync.push([settingChanges.markRead(this.chatAddress(chat), true)]);
  }

  markChatUnread(chat: string): Promise<void> {
    return this.sync.push([settingChanges.markRead(this.chatAddress(chat), false)]);
  }

  /** Empties a chat on every device. */
  clearChat(chat: string): Promise<void> {
    return this.sync.push([settingChanges.clearChat(this.chatAddress(chat), this.seconds())]);
  }

  /** Takes a chat out of the list of every device. */
  deleteChat(chat: string): Promise<void> {
    return this.sync.push([settingChanges.deleteChat(this.chatAddress(chat), this.seconds())]);
  }

  lockChat(chat: string, locked = true): Promise<void> {
    return this.sync.push([settingChanges.lockChat(this.chatAddress(chat), locked)]);
  }

  star(chat: string, message: MessagePointer, starred = true): Promise<void> {
    return this.sync.push([settingChanges.star(this.chatAddress(chat), message, starred)]);
  }

  deleteForMe(chat: string, message: MessagePointer): Promise<void> {
    return this.sync.push([settingChanges.deleteForMe(this.chatAddress(chat), message, this.seconds())]);
  }

  /** How a chat stands; the number of the other person, or the address of a group. */
  chat(chat: string): ChatSettings {
    const jid = this.chatAddress(chat);
    const of = (kind: string): SettingEntry[] =>
      this.entries().filter(({ index }) => index[0] === kind && this.isSameChat(index[1], jid));
    const one = (kind: string): proto.ISyncActionValue | undefined => newest(of(kind))?.value;
    const mute = one('mute')?.muteAction;
    const labels = this.entries()
      .filter(({ index }) => index[0] === 'label_jid' && this.isSameChat(index[2], jid))
      .filter(({ value }) => value.labelAssociationAction?.labeled)
      .map(({ index }) => index[1] ?? '');
    return {
      archived: one('archive')?.archiveChatAction?.archived ?? false,
      pinned: one('pin_v1')?.pinAction?.pinned ?? false,
      locked: one('lock')?.lockChatAction?.locked ?? false,
      markedUnread: one('markChatAsRead')?.markChatAsReadAction?.read === false,
      ...(mute?.muted ? { mutedUntil: Number(mute.muteEndTimestamp ?? -1) } : {}),
      labels,
      ...timeOf('clearedAt', one('clearChat')),
      ...timeOf('deletedAt', one('deleteChat')),
    };
  }

  isStarred(chat: string, messageId: string): boolean {
    const jid = this.chatAddress(chat);
    const stars = this.entries().filter(
      ({ index }) => index[0] === 'star' && index[2] === messageId && this.isSameChat(index[1], jid),
    );
    return newest(stars)?.value.starAction?.starred ?? false;
  }

  // --- labels and quick replies --------------------------------------------------------------------------------------

  /** Makes or renames a label; `color` is one of WhatsApp's, 0 to 19. */
  saveLabel(label: { id: string; name: string; color?: number }): Promise<void> {
    const { id, name, color = 0 } = label;
    return this.sync.push([settingChanges.label(id, { name, color, deleted: false })]);
  }

  removeLabel(id: string): Promise<void> {
    const known = this.labels.find((label) => label.id === id);
    return this.sync.push([
      settingChanges.label(id, { name: known?.name ?? '', color: known?.color ?? 0, deleted: true }),
    ]);
  }

  labelChat(chat: string, labelId: string, labeled = true): Promise<void> {
    return this.sync.push([settingChanges.labelChat(labelId, this.chatAddress(chat), labeled)]);
  }

  labelMessage(chat: string, messageId: string, labelId: string, labeled = true): Promise<void> {
    return this.sync.push([settingChanges.labelMessage(labelId, this.chatAddress(chat), messageId, labeled)]);
  }

  get labels(): Label[] {
    return this.entries().flatMap(({ index, value }) => {
      const { name, color, deleted } = value.labelEditAction ?? {};
      if (index[0] !== 'label_edit' || deleted) return [];
      return [{ id: index[1] ?? '', name: name ?? '', color: color ?? 0 }];
    });
  }

  saveQuickReply(id: string, shortcut: string, message: string): Promise<void> {
    return this.sync.push([settingChanges.quickReply(id, { shortcut, message, deleted: false })]);
  }

  // --- contacts ------------------------------------------------------------------------------------------------------

  /** Puts people into the address book, in one patch. The server knows from then on that they are contacts. */
  saveContacts(...contacts: SavedContact[]): Promise<void> {
    const changes = contacts.map(({ number, name }) => {
      const contact = this.known(number);
      return settingChanges.contact(contact.address('pn'), { fullName: name, lidJid: contact.address('lid') });
    });
    for (const { number } of contacts) this.account.card.contacts.add(this.known(number));
    return this.sync.push(changes);
  }

  removeContact(number: string): Promise<void> {
    const contact = this.known(number);
    this.account.card.contacts.delete(contact);
    return this.sync.push([settingChanges.contact(contact.address('pn'), undefined)]);
  }

  /** The address book, companions' changes included. */
  get contacts(): SavedContact[] {
    return this.entries().flatMap(({ index, value }) => {
      const contact = index[0] === 'contact' ? this.directory.accountAt(index[1]) : undefined;
      const { fullName, firstName } = value.contactAction ?? {};
      return contact ? [{ number: contact.number, name: fullName ?? firstName ?? '' }] : [];
    });
  }

  // --- the account ---------------------------------------------------------------------------------------------------

  /** Changes the push name: others see it with the next message. */
  setPushName(name: string): Promise<void> {
    this.account.name = name;
    return this.sync.push([settingChanges.pushName(name)]);
  }

  setLocale(locale: string): Promise<void> {
    return this.sync.push([settingChanges.locale(locale)]);
  }

  setTwentyFourHourTime(on: boolean): Promise<void> {
    return this.sync.push([settingChanges.timeFormat(on)]);
  }

  /** Whether a new message takes a chat out of the archive. */
  setUnarchiveChats(on: boolean): Promise<void> {
    return this.sync.push([settingChanges.unarchiveChats(on)]);
  }

  setLinkPreviews(on: boolean): Promise<void> {
    return this.sync.push([settingChanges.linkPreviews(!on)]);
  }

  // --- watching ------------------------------------------------------------------------------------------------------

  /** Every setting of the account. */
  entries(): SettingEntry[] {
    return COLLECTIONS.flatMap((name) => this.sync.collection(name).all);
  }

  /** The first change of a companion of this kind, already here or arriving in time. */
  expectChange(
    kind: string,
    options: { timeoutMs?: number; after?: number; matches?: (record: SettingRecord) => boolean } = {},
  ): Promise<SettingRecord> {
    const { timeoutMs = DEFAULT_TIMEOUT_MS, after, matches = () => true } = options;
    const what = `change of ${kind} at ${this.account.number}`;
    return this.changes.wait((record) => record.kind === kind && matches(record), { after, timeoutMs, what });
  }

  private take(collection: CollectionName, changes: SettingMutation[]): void {
    for (const { index, value } of changes) {
      const [kind = '', ...about] = index;
      if (kind === 'contact') this.takeContact(about[0], value !== undefined);
      const name = value?.pushNameSetting?.name;
      if (name) this.account.name = name;
      const at = this.account.world.clock.now();
      this.changes.append((position) => ({ index: position, collection, kind, about, value, at }));
    }
  }

  private takeContact(jid: string | undefined, isSaved: boolean): void {
    const contact = this.directory.accountAt(jid);
    if (!contact) return;
    if (isSaved) this.account.card.contacts.add(contact);
    else this.account.card.contacts.delete(contact);
  }

  /** How devices of this account name a chat. */
  private chatAddress(chat: string): string {
    return chat.includes('@') ? chat : this.known(chat).address(this.account.addressing);
  }

  /** Clients write settings of one person under either form of address. */
  private isSameChat(one: string | undefined, other: string): boolean {
    if (one === other) return true;
    const account = this.directory.accountAt(one);
    return account !== undefined && account === this.directory.accountAt(other);
  }

  private known(number: string): Account {
    const account = this.directory.find(number);
    if (!account) throw new Error(`nobody has the number ${number} in this simulation`);
    return account;
  }

  private seconds(): number {
    return Math.floor(this.account.world.clock.now() / 1000);
  }
}

/** Of settings of one chat under two addresses, the one that was changed last. */
function newest(entries: SettingEntry[]): SettingEntry | undefined {
  return entries.reduce<SettingEntry | undefined>(
    (best, entry) => (!best || Number(entry.value.timestamp ?? 0) >= Number(best.value.timestamp ?? 0) ? entry : best),
    undefined,
  );
}

function timeOf<Name extends string>(
  name: Name,
  value: proto.ISyncActionValue | undefined,
): { [key in Name]?: number } {
  return value?.timestamp ? ({ [name]: Number(value.timestamp) } as { [key in Name]?: number }) : {};
}
