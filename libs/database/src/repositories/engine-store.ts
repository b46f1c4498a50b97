import {
  type ChatAddress,
  type GroupRoster,
  type JournalEntry,
  LeaseLost,
  type MessageSecret,
  type MessageTarget,
  type ProfileStore,
  type SentMessage,
  type StoreCommit,
} from '#engine';
import type { Database } from '../database.js';
import type { OrganizationSealer } from '../sealer.js';
import { type EngineCommit, EngineCommits } from './engine-commits.js';
import { findGroupRoster } from './group-rosters.js';
import type { Lease } from './leases.js';
import { findMessageSecret, messageSecretPlace } from './message-secrets.js';
import { quotedMessageSql } from './quoted-message.js';

const quoted = quotedMessageSql({ profile: '$1', waMessageId: 'm.quoted_wa_message_id', person: 'c.person_id' });

/**
 * The engine's store of one profile, bound to one lease. Every value is sealed; the seal is tied to its place, so that a
 * row copied elsewhere cannot be opened. Every write is one statement that first takes the lease row and does nothing
 * when the epoch has moved on, so a paused former owner can never put back old keys.
 */
export class LeasedProfileStore implements ProfileStore {
  constructor(
    private readonly db: Database,
    private readonly sealer: OrganizationSealer,
    private readonly lease: Lease,
  ) {}

  async loadCredentials(): Promise<Uint8Array | null> {
    const [row] = await this.db.query<{ sealed: Buffer }>(
      'select sealed from engine_credentials where profile_id = $1',
      [this.lease.profileId],
      { name: 'store_credentials' },
    );
    return row ? this.sealer.open(row.sealed, this.place('credentials')) : null;
  }

  async getKeys(type: string, ids: string[]): Promise<Map<string, Uint8Array>> {
    const found = await EngineCommits.of(this.db).read(this.lease.profileId, type, ids);
    return new Map([...found].map(([id, sealed]) => [id, this.sealer.open(sealed, this.place('key', type, id))]));
  }

  /** One statement, shared with what other profiles write at the moment: the pace of sending hangs on it. */
  async commit({ credentials, keys = {}, journal = [] }: StoreCommit): Promise<void> {
    const stored: EngineCommit['stored'] = [];
    const removed: EngineCommit['removed'] = [];
    for (const [type, values] of Object.entries(keys)) {
      for (const [id, value] of Object.entries(values)) {
        if (value === null) removed.push([type, id]);
        else stored.push([type, id, this.sealer.seal(value, this.place('key', type, id))]);
      }
    }
    await EngineCommits.of(this.db).write({
      lease: this.lease,
      credentials: credentials ? this.sealer.seal(credentials, this.place('credentials')) : null,
      stored,
      removed,
      journal: journal.map(({ id, waMessageId, bytes }) => [
        id,
        waMessageId,
        this.sealer.seal(bytes, this.place('journal', id)),
      ]),
    });
  }

  async findJournal(id: string): Promise<JournalEntry | null> {
    const [row] = await this.db.query<JournalRow>(
      `select journal_id as id, wa_message_id as "waMessageId", sealed
         from inbox_journal where profile_id = $1 and journal_id = $2`,
      [this.lease.profileId, id],
      { name: 'store_journal_find' },
    );
    return row ? this.openEntry(row) : null;
  }

  async listUnrecorded(limit: number): Promise<JournalEntry[]> {
    const rows = await this.db.query<JournalRow>(
      `select journal_id as id, wa_message_id as "waMessageId", sealed
         from inbox_journal where profile_id = $1 and recorded_at is null order by created_at, journal_id limit $2`,
      [this.lease.profileId, limit],
      { name: 'store_journal_unrecorded' },
    );
    return rows.map((row) => this.openEntry(row));
  }

  /** Messages that were decrypted but not yet recorded stay: they are somebody's words, not part of the link. */
  reset(): Promise<void> {
    return this.write([
      { of: forgetCredentials, values: [] },
      { of: forgetKeys, values: [] },
      { of: forgetJournal, values: [] },
    ]);
  }

  async findSent(waMessageId: string): Promise<Uint8Array | null> {
    const [row] = await this.db.query<{ sealed: Buffer }>(
      'select sealed from sent_protos where profile_id = $1 and wa_message_id = $2',
      [this.lease.profileId, waMessageId],
      { name: 'store_sent_find' },
    );
    return row ? this.sealer.open(row.sealed, this.place('sent', waMessageId)) : null;
  }

  keepSent(waMessageId: string, proto: Uint8Array, secret: Uint8Array | null): Promise<void> {
    const sealed = this.sealer.seal(proto, this.place('sent', waMessageId));
    const parts: Part[] = [{ of: writeSent, values: [waMessageId, sealed] }];
    if (secret) {
      const place = messageSecretPlace(this.lease.profileId, waMessageId);
      parts.push({ of: writeSecret, values: [waMessageId, this.sealer.seal(secret, place)] });
    }
    return this.write(parts);
  }

  async findSecret(_chat: ChatAddress, target: MessageTarget): Promise<MessageSecret | null> {
    const { profileId } = this.lease;
    const found = await findMessageSecret(this.db, profileId, target);
    if (!found) return null;
    const { sealed, author, content } = found;
    return { secret: this.sealer.open(sealed, messageSecretPlace(profileId, target.waMessageId)), author, content };
  }

  async findUpload(name: string): Promise<Uint8Array | null> {
    const [row] = await this.db.query<{ sealed: Buffer }>(
      'select sealed from media_uploads where profile_id = $1 and name = $2 and expires_at > now()',
      [this.lease.profileId, name],
      { name: 'store_upload_find' },
    );
    return row ? this.sealer.open(row.sealed, this.place('upload', name)) : null;
  }

  keepUpload(name: string, upload: Uint8Array, expiresAt: Date): Promise<void> {
    const sealed = this.sealer.seal(upload, this.place('upload', name));
    return this.write([{ of: writeUpload, values: [name, sealed, expiresAt] }]);
  }

  findGroupRoster(groupId: string): Promise<GroupRoster | null> {
    return findGroupRoster(this.db, this.lease.profileId, groupId);
  }

  async findSentContent(waMessageId: string): Promise<SentMessage | null> {
    const [row] = await this.db.query<SentMessage & { quoted: SentMessage['quoted'] | null }>(
      `select m.content, case when m.quoted_wa_message_id is not null then ${quoted} end as quoted
         from message_keys k
         join messages m on m.id = k.message_id
         join conversations c on c.id = m.conversation_id
        where k.profile_id = $1 and k.wa_message_id = $2 and k.from_me and m.target_message_id is null`,
      [this.lease.profileId, waMessageId],
      { name: 'store_sent_content' },
    );
    return row ? { content: row.content, ...(row.quoted ? { quoted: row.quoted } : {}) } : null;
  }

  /** Everything or nothing, and nothing when the lease is lost. */
  private async write(parts: Part[]): Promise<void> {
    if (parts.length === 0) return;
    const { profileId, hostId, epoch, organizationId } = this.lease;
    const values: unknown[] = [profileId, hostId, epoch, organizationId];
    const changes = parts.map(({ of, values: own }) => {
      const first = values.length + 1;
      values.push(...own);
      return of.sql((offset) => `$${first + offset}`);
    });
    const rows = await this.db.query(
      `with lease as (
         select 1 from profile_leases where profile_id = $1 and host_id = $2 and epoch = $3 for key share
       ), ${changes.join(', ')}
       select $4::uuid from lease`,
      values,
      { name: `store ${parts.map(({ of }) => of.name).join(' ')}` },
    );
    if (rows.length === 0) throw new LeaseLost(profileId);
  }

  private openEntry(row: JournalRow): JournalEntry {
    return {
      id: row.id,
      waMessageId: row.waMessageId,
      bytes: this.sealer.open(row.sealed, this.place('journal', row.id)),
    };
  }

  private place(...parts: string[]): string {
    return engineSealPlace(this.lease.profileId, ...parts);
  }
}

/** Where a sealed value of a profile's engine belongs; it opens nowhere else. */
export function engineSealPlace(profileId: string, ...parts: string[]): string {
  return ['engine', profileId, ...parts].join(':');
}

interface JournalRow {
  id: string;
  waMessageId: string;
  sealed: Buffer;
}

/** One kind of change: a data-modifying CTE that reads from `lease`; $1 is the profile, $4 the organization. */
interface Change {
  /** Part of the name of the prepared statement. */
  name: string;
  sql(parameter: (offset: number) => string): string;
}

interface Part {
  of: Change;
  values: unknown[];
}

const writeSent: Change = {
  name: 'sent',
  sql: (p) => `kept as (
    insert into sent_protos (profile_id, wa_message_id, organization_id, sealed)
    select $1, ${p(0)}, $4, ${p(1)}::bytea from lease
    on conflict (profile_id, wa_message_id) do update set sealed = excluded.sealed)`,
};

const writeSecret: Change = {
  name: 'secret',
  sql: (p) => `told as (
    update messages m set secret_sealed = ${p(1)}::bytea from message_keys k, lease
     where k.profile_id = $1 and k.wa_message_id = ${p(0)}::text and k.from_me and m.id = k.message_id)`,
};

const writeUpload: Change = {
  name: 'upload',
  sql: (p) => `uploaded as (
    insert into media_uploads (profile_id, name, organization_id, sealed, expires_at)
    select $1, ${p(0)}::text, $4, ${p(1)}::bytea, ${p(2)}::timestamptz from lease
    on conflict (profile_id, name) do update set sealed = excluded.sealed, expires_at = excluded.expires_at)`,
};

const forget = (name: string, rows: string): Change => ({
  name: `forget-${name}`,
  sql: () => `forgotten_${name} as (delete from ${rows})`,
});
const forgetCredentials = forget('credentials', 'engine_credentials t using lease where t.profile_id = $1');
const forgetKeys = forget('keys', 'engine_keys t using lease where t.profile_id = $1');
const forgetJournal = forget(
  'journal',
  'inbox_journal t using lease where t.profile_id = $1 and t.recorded_at is not null',
);
