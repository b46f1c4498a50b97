import { v7 as uuidv7 } from 'uuid';

declare const brand: unique symbol;
type Id<Name extends string> = string & { readonly [brand]: Name };

export type OrganizationId = Id<'organization'>;
export type WorkspaceId = Id<'workspace'>;
export type AccountId = Id<'account'>;
export type ProfileId = Id<'profile'>;
export type ConversationId = Id<'conversation'>;
export type MessageId = Id<'message'>;
export type PersonId = Id<'person'>;
export type ContactId = Id<'contact'>;
export type ContactFieldId = Id<'contactField'>;
export type SegmentId = Id<'segment'>;
export type MediaId = Id<'media'>;
export type UploadId = Id<'upload'>;
export type BatchId = Id<'batch'>;
export type BroadcastId = Id<'broadcast'>;
export type RoleId = Id<'role'>;
export type RoleAssignmentId = Id<'roleAssignment'>;
export type InvitationId = Id<'invitation'>;
export type UserId = Id<'user'>;
export type SessionId = Id<'session'>;
export type ApiKeyId = Id<'apiKey'>;
export type WebhookId = Id<'webhook'>;
export type TemplateId = Id<'template'>;
export type ScheduledMessageId = Id<'scheduledMessage'>;
export type HookId = Id<'hook'>;
export type HookRequestId = Id<'hookRequest'>;
export type ContactImportId = Id<'contactImport'>;
export type DeliveryId = Id<'delivery'>;
export type EventId = Id<'event'>;

/** The instant and the number of the newest id. */
const latest = { msecs: 0, seq: 0 };

const RANDOM_BYTES = 16;
const pool = new Uint8Array(256 * RANDOM_BYTES);
let used = pool.length;

/** Of an id. For many ids at a time, because asking for them costs more than making an id. */
function randomBytes(): Uint8Array {
  if (used === pool.length) {
    crypto.getRandomValues(pool);
    used = 0;
  }
  used += RANDOM_BYTES;
  return pool.subarray(used - RANDOM_BYTES, used);
}

/** Makes a new id: a UUIDv7, so that ids sort by the time they were made and time partitions are found from the id. */
export function newId<T extends string>(): T {
  const random = randomBytes();
  const now = Date.now();
  if (now > latest.msecs) {
    latest.msecs = now;
    latest.seq = new DataView(random.buffer, random.byteOffset).getUint32(6) >>> 1;
  } else {
    // Ids of one millisecond rise as well, which is what the library does when it is asked for nothing in particular.
    latest.seq = (latest.seq + 1) >>> 0;
    if (latest.seq === 0) latest.msecs += 1;
  }
  return uuidv7({ random, ...latest }) as T;
}

/**
 * Makes an id as if it had been made at another instant, for what happened before it came here: it takes its place among
 * the ids of that time. `position` orders ids of one instant.
 */
export function idAt<T extends string>(at: Date, position: number): T {
  return uuidv7({ msecs: at.getTime(), seq: position }) as T;
}

/** When an id was made, in milliseconds since 1970. */
export function idTime(id: string): number {
  return Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16);
}

/** The lowest UUIDv7 of an instant: ids made at or after it compare greater or equal. Used for partition bounds. */
export function idFloor(at: Date): string {
  const hex = at.getTime().toString(16).padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-7000-8000-000000000000`;
}
