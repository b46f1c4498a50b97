import {
  type Actor,
  errors,
  eventActor,
  type NewEvent,
  newId,
  type ProfileId,
  type ScheduledMessageId,
} from '#contracts';
import {
  appendEvents,
  cancelScheduledMessage,
  countPendingSchedules,
  type Database,
  findScheduledMessage,
  insertMediaObjects,
  insertScheduledMessage,
  listScheduledMessages,
  type ScheduledMessageRow,
  type ScheduledMessageShown,
  type ScheduleWishes,
  type Tx,
  updateScheduledMessage,
} from '#database';
import type { Address, ChatAddress, SendableContent } from '#engine';
import type { MediaIntake, TakenMedia } from '../media/media-intake.js';
import { assertProfile } from '../messaging/message-history.js';
import { getSendingProfile } from '../messaging/queue-messages.js';
import { findNamed } from '../messaging/quotable-messages.js';
import type { Saying } from '../messaging/saying.js';
import { assertDraft } from '../messaging/sendable-draft.js';
import { recordAudit } from '../platform/audit-trail.js';
import type { Once } from '../platform/once.js';
import { occurrencesFrom, readTimes, type ScheduleTimes, type TimesGiven } from './schedule-times.js';

/** Most that a profile may have waiting. */
const MOST_PENDING = 10_000;
/** How late an occurrence is still sent, when nothing is said: as long as most would rather have it late than not. */
export const DEFAULT_LATE_WINDOW_SECONDS = 3600;

/** What is to be said, to whom. */
export interface ScheduledWords {
  /** The recipient as it was given, and read. */
  recipient: string;
  chat: ChatAddress;
  type: string;
  saying: Saying;
  quoted?: string;
  audience?: Address[];
}

export interface ScheduleDraft extends TimesGiven {
  profileId: ProfileId;
  words: ScheduledWords;
  lateWindowSeconds: number;
}

/** What is undefined stays. Words are given as a whole, or only those to whom they go. */
export interface ScheduleChanges extends Partial<TimesGiven> {
  words?: ScheduledWords;
  to?: Pick<ScheduledWords, 'recipient' | 'chat'>;
  lateWindowSeconds?: number;
}

/**
 * Messages that are to be sent later. What they say is fixed when they are scheduled: files are fetched and templates
 * filled in then, so that an address that dies later does no harm.
 */
export class ScheduledMessages {
  constructor(
    private readonly db: Database,
    private readonly intake: MediaIntake,
  ) {}

  /** @throws notFound (profile), profileNotLinked, tooManySchedules, quotedMessageNotFound, what a single send throws */
  async create(actor: Actor, draft: ScheduleDraft, once?: Once<ScheduledMessageShown>): Promise<ScheduledMessageShown> {
    const times = readTimes(draft, new Date());
    const { profileId, words, lateWindowSeconds } = draft;
    await this.db.tenant(actor, (tx) => assertRoom(tx, actor, profileId));
    const { wishes, media } = await this.take(actor, words);
    const made = {
      ...wishes,
      ...times,
      lateWindowSeconds,
      id: newId<ScheduledMessageId>(),
      organizationId: actor.organizationId,
      profileId,
      createdBy: eventActor(actor),
    };
    return this.db.tenant(actor, async (tx) => {
      await assertRoom(tx, actor, profileId);
      await assertQuotable(tx, profileId, words.quoted);
      await keepFiles(tx, actor, media);
      await insertScheduledMessage(tx, made);
      const row = await found(tx, actor, made.id);
      await recordAudit(tx, actor, { action: 'message.schedule', resource: resourceOf(row), after: factsOf(row) });
      await once?.(tx, row);
      await appendEvents(tx, [changed(actor, 'scheduled_message.created', row)]);
      return row;
    });
  }

  /** Newest first. @throws notFound (profile) */
  list(
    actor: Actor,
    profileId: ProfileId,
    page: { status?: string; before?: string; offset?: number; limit: number },
  ): Promise<ScheduledMessageShown[]> {
    return this.db.tenant(actor, async (tx) => {
      await assertProfile(tx, actor, profileId);
      return listScheduledMessages(tx, actor.organizationId, profileId, page);
    });
  }

  /** @throws notFound */
  get(actor: Actor, id: ScheduledMessageId): Promise<ScheduledMessageShown> {
    return this.db.tenant(actor, (tx) => found(tx, actor, id));
  }

  /** Changes what is to come. @throws notFound, scheduleEnded, and what `create` throws */
  async update(actor: Actor, id: ScheduledMessageId, changes: ScheduleChanges): Promise<ScheduledMessageShown> {
    const { words } = changes;
    await this.db.tenant(actor, async (tx) => assertPending(await found(tx, actor, id)));
    const taken = words && (await this.take(actor, words));
    return this.db.tenant(actor, async (tx) => {
      const before = await found(tx, actor, id, 'lock');
      assertPending(before);
      await assertQuotable(tx, before.profileId, words?.quoted);
      const wishes = changedWishes(before, changes, taken?.wishes);
      if (!words) assertDraft({ to: wishes.chat, content: wishes.content as SendableContent });
      await keepFiles(tx, actor, taken?.media ?? []);
      await updateScheduledMessage(tx, id, wishes);
      const row = await found(tx, actor, id);
      await recordAudit(tx, actor, {
        action: 'message.schedule_update',
        resource: resourceOf(row),
        before: factsOf(before),
        after: factsOf(row),
      });
      await appendEvents(tx, [changed(actor, 'scheduled_message.updated', row)]);
      return row;
    });
  }

  /** Nothing more comes of it. Messages that it made stay. @throws notFound, scheduleEnded */
  cancel(actor: Actor, id: ScheduledMessageId): Promise<ScheduledMessageShown> {
    return this.db.tenant(actor, async (tx) => {
      const before = await found(tx, actor, id, 'lock');
      assertPending(before);
      await cancelScheduledMessage(tx, id);
      const row = await found(tx, actor, id);
      await recordAudit(tx, actor, {
        action: 'message.schedule_cancel',
        resource: resourceOf(row),
        before: factsOf(before),
      });
      await appendEvents(tx, [changed(actor, 'scheduled_message.cancelled', row)]);
      return row;
    });
  }

  /** Takes files in, and looks whether WhatsApp would take the message. */
  private async take(actor: Actor, words: ScheduledWords) {
    const { recipient, chat, type, saying, quoted = null, audience = null } = words;
    const media = await this.intake.takeAll(actor, saying.files);
    const content = saying.say(media);
    assertDraft({ to: chat, content });
    return { media, wishes: { recipient, chat, type, content, quoted, audience } };
  }
}

/** The next occurrences of one that is pending, the one that is due first. */
export function comingOf(row: ScheduledMessageRow, count: number): Date[] {
  if (row.dueAt === null) return [];
  return row.rule === null ? [row.dueAt] : occurrencesFrom({ ...row, dueAt: row.dueAt }, row.dueAt, count);
}

function changedWishes(
  before: ScheduledMessageRow,
  { words, to, lateWindowSeconds, ...when }: ScheduleChanges,
  taken: Omit<ScheduleWishes, keyof ScheduleTimes | 'lateWindowSeconds'> | undefined,
): ScheduleWishes {
  const { startsAt, timeZone, rule, dueAt } = before;
  const isMoved = Object.values(when).some((given) => given !== undefined);
  const times = isMoved
    ? readTimes(
        {
          scheduledAt: when.scheduledAt ?? startsAt.toISOString(),
          timeZone: when.timeZone ?? timeZone,
          rule: when.rule === undefined ? rule : when.rule,
        },
        new Date(),
        when.scheduledAt === undefined,
      )
    : { startsAt, timeZone, rule, dueAt };
  return {
    ...before,
    ...(taken ?? {}),
    ...(words ? {} : (to ?? {})),
    ...times,
    lateWindowSeconds: lateWindowSeconds ?? before.lateWindowSeconds,
  };
}

async function assertRoom(tx: Tx, actor: Actor, profileId: ProfileId): Promise<void> {
  await getSendingProfile(tx, actor, profileId);
  if ((await countPendingSchedules(tx, profileId)) < MOST_PENDING) return;
  throw errors.tooManySchedules({ details: { most: MOST_PENDING } });
}

async function assertQuotable(tx: Tx, profileId: ProfileId, quoted: string | undefined): Promise<void> {
  if (quoted === undefined || (await findNamed(tx, profileId, [quoted])).get(quoted)?.length) return;
  throw errors.quotedMessageNotFound({ details: { quotedMessageId: quoted } });
}

function assertPending({ id, state }: ScheduledMessageRow): void {
  if (state !== 'pending') throw errors.scheduleEnded({ details: { scheduledMessageId: id, state } });
}

/** Their rows are written with the first message otherwise; a sweeper would take files that no row names. */
async function keepFiles(tx: Tx, actor: Actor, media: TakenMedia[]): Promise<void> {
  if (media.length === 0) return;
  const rows = media.map((file) => ({ ...file, id: file.mediaId }));
  await insertMediaObjects(tx, actor.organizationId, rows);
}

async function found(tx: Tx, actor: Actor, id: ScheduledMessageId, lock?: 'lock'): Promise<ScheduledMessageShown> {
  const row = await findScheduledMessage(tx, actor.organizationId, id, lock);
  if (!row) throw errors.notFound({ message: 'There is no such scheduled message.', details: { id } });
  return row;
}

const resourceOf = ({ id, type }: ScheduledMessageRow) => ({ type: 'scheduled_message', id, name: type });
const factsOf = ({ profileId, type, dueAt, timeZone, rule, lateWindowSeconds }: ScheduledMessageRow) => ({
  ...{ profileId, type, timeZone, rule, lateWindowSeconds },
  dueAt: dueAt?.toISOString() ?? null,
});

function changed(
  actor: Actor,
  name: 'scheduled_message.created' | 'scheduled_message.updated' | 'scheduled_message.cancelled',
  { id, organizationId, profileId, recipient, type, state, dueAt, rule }: ScheduledMessageRow,
): NewEvent {
  const payload = {
    scheduledMessageId: id,
    to: recipient,
    type,
    state: state === 'pending' ? ('pending' as const) : ('cancelled' as const),
    dueAt: dueAt?.toISOString() ?? null,
    rule,
  };
  return { organizationId, profileId, name, actor: eventActor(actor), payload };
}
