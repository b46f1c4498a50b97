import { setTimeout as sleep } from 'node:timers/promises';
import {
  type ChatAddress,
  continueRoster,
  type GroupFact,
  type GroupRoster,
  type JournalEntry,
  LeaseLost,
  type MessageSecret,
  type MessageTarget,
  type ProfileStore,
  rosterOf,
  type SentMessage,
  type StoreCommit,
} from '#engine';

/** A profile's store in memory, with the troubles a real one can have. Survives the connections that use it. */
export class MemoryProfileStore implements ProfileStore {
  credentials: Uint8Array | null = null;
  readonly keys = new Map<string, Uint8Array>();
  readonly journal = new Map<string, { entry: JournalEntry; recorded: boolean }>();
  readonly sent = new Map<string, Uint8Array>();
  readonly uploads = new Map<string, { upload: Uint8Array; expiresAt: Date }>();
  readonly sentContent = new Map<string, SentMessage>();
  /** Of each group as the facts told it; null when its members are not known. */
  readonly rosters = new Map<string, GroupRoster | null>();
  /** By WhatsApp id. Of what was received the sink keeps them. */
  readonly secrets = new Map<string, MessageSecret>();
  /** Everything that was committed, in order. */
  readonly commits: StoreCommit[] = [];
  reads = 0;
  /** Called before each operation; may wait or throw. */
  before: (operation: 'read' | 'commit') => Promise<void> | void = () => undefined;
  /** The profile has another owner: every operation from now on throws. */
  leaseLost = false;

  /** Each operation takes so long, as over a network. */
  slowDown(delayMs: () => number): void {
    this.before = () => sleep(delayMs());
  }

  async loadCredentials(): Promise<Uint8Array | null> {
    await this.enter('read');
    return this.credentials;
  }

  async getKeys(type: string, ids: string[]): Promise<Map<string, Uint8Array>> {
    await this.enter('read');
    const found = new Map<string, Uint8Array>();
    for (const id of ids) {
      const value = this.keys.get(`${type}/${id}`);
      if (value) found.set(id, value);
    }
    return found;
  }

  async commit(change: StoreCommit): Promise<void> {
    await this.enter('commit');
    this.commits.push(change);
    if (change.credentials) this.credentials = change.credentials;
    for (const [type, values] of Object.entries(change.keys ?? {})) {
      for (const [id, value] of Object.entries(values)) {
        if (value === null) this.keys.delete(`${type}/${id}`);
        else this.keys.set(`${type}/${id}`, value);
      }
    }
    for (const entry of change.journal ?? []) {
      if (!this.journal.has(entry.id)) this.journal.set(entry.id, { entry, recorded: false });
    }
  }

  async findJournal(id: string): Promise<JournalEntry | null> {
    await this.enter('read');
    return this.journal.get(id)?.entry ?? null;
  }

  async listUnrecorded(limit: number): Promise<JournalEntry[]> {
    await this.enter('read');
    const waiting = [...this.journal.values()].filter(({ recorded }) => !recorded);
    return waiting.slice(0, limit).map(({ entry }) => entry);
  }

  async reset(): Promise<void> {
    await this.enter('commit');
    this.credentials = null;
    this.keys.clear();
    this.journal.clear();
  }

  async findSent(waMessageId: string): Promise<Uint8Array | null> {
    await this.enter('read');
    return this.sent.get(waMessageId) ?? null;
  }

  async keepSent(waMessageId: string, proto: Uint8Array, secret: Uint8Array | null): Promise<void> {
    await this.enter('commit');
    this.sent.set(waMessageId, proto);
    const content = this.sentContent.get(waMessageId)?.content;
    if (secret && content) this.secrets.set(waMessageId, { secret, content, author: null });
  }

  async findSecret(_chat: ChatAddress, { waMessageId }: MessageTarget): Promise<MessageSecret | null> {
    await this.enter('read');
    return this.secrets.get(waMessageId) ?? null;
  }

  async findUpload(name: string): Promise<Uint8Array | null> {
    await this.enter('read');
    const found = this.uploads.get(name);
    return found && found.expiresAt > new Date() ? found.upload : null;
  }

  async keepUpload(name: string, upload: Uint8Array, expiresAt: Date): Promise<void> {
    await this.enter('commit');
    this.uploads.set(name, { upload, expiresAt });
  }

  async findSentContent(waMessageId: string): Promise<SentMessage | null> {
    await this.enter('read');
    return this.sentContent.get(waMessageId) ?? null;
  }

  async findGroupRoster(groupId: string): Promise<GroupRoster | null> {
    await this.enter('read');
    return this.rosters.get(groupId) ?? null;
  }

  /** What the sink does with a fact about a group. */
  takeGroupFact(fact: GroupFact): void {
    if (fact.type === 'group_list') return;
    if (fact.type === 'group') return void this.rosters.set(fact.group.id, rosterOf(fact.group));
    const known = this.rosters.get(fact.groupId);
    if (known) this.rosters.set(fact.groupId, continueRoster(known, fact));
  }

  /** What the sink does in the transaction that stores the message. */
  markRecorded(journalId: string): void {
    const found = this.journal.get(journalId);
    if (found) found.recorded = true;
  }

  private async enter(operation: 'read' | 'commit'): Promise<void> {
    if (operation === 'read') this.reads += 1;
    await this.before(operation);
    if (this.leaseLost) throw new LeaseLost('test');
  }
}
