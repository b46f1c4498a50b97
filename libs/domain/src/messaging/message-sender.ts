import { SpanKind } from '@opentelemetry/api';
import { type Actor, eventActor, type ProfileId } from '#contracts';
import {
  appendEventsLast,
  CommitOutcomeUnknown,
  type Database,
  Gatherer,
  type Lane,
  type SendingProfile,
} from '#database';
import type { MediaIntake } from '../media/media-intake.js';
import type { Once } from '../platform/once.js';
import { currentTraceParent, traced } from '../platform/tracing.js';
import type { MessageDraft } from './message-draft.js';
import type { MessageRecord } from './message-view.js';
import { getSendingProfile, queueMessages } from './queue-messages.js';
import type { Saying } from './saying.js';

export interface SendRequest {
  profileId: ProfileId;
  /** Interactive messages go out before those of campaigns. */
  lane: Lane;
  /** At least one. They are queued in this order. */
  drafts: MessageDraft[];
}

/** Messages that were accepted: they are in the database and will end in a settled state. */
export interface Accepted {
  /** In the order of the drafts. */
  messages: MessageRecord[];
  profile: SendingProfile;
}

/** Accepted messages, and where in the profile's log they were announced. */
export interface AcceptedAt extends Accepted {
  /** Position of the last `message.queued`: whatever happens to the messages comes after it. */
  seq: number;
}

/** A message whose files are still to be taken in. */
export interface SayingDraft extends Omit<MessageDraft, 'content' | 'media'> {
  saying: Saying;
}

interface Asked {
  actor: Actor;
  request: SendRequest;
  once: Once<Accepted> | undefined;
  traceParent: string | null;
}

/** Most requests that share one transaction. */
const REQUESTS_AT_ONCE = 64;

/** Accepts messages for sending. The engine process that owns the profile carries them to WhatsApp. */
export class MessageSender {
  /**
   * A profile's log has one writer at a time, so requests for one profile would wait for each other's commits. Those
   * that come meanwhile share the next transaction instead. What cannot be accepted is found out one by one.
   */
  private readonly gatherer = new Gatherer<Asked, AcceptedAt>({
    run: (asked) => this.acceptTogether(asked),
    atOnce: REQUESTS_AT_ONCE,
    mayRepeat: (failure) => !(failure instanceof CommitOutcomeUnknown),
  });

  constructor(
    private readonly db: Database,
    private readonly intake: MediaIntake,
    private readonly settings: { expiryMs: number },
  ) {}

  /**
   * Records the messages as queued, all or none. A success means accepted, never sent. A profile that is linked but
   * offline is fine: its messages wait for it until they expire. `once` may run again, after its transaction was rolled
   * back for the sake of another request that shared it.
   * @throws what `queueMessages` throws
   */
  accept(actor: Actor, request: SendRequest, once?: Once<Accepted>): Promise<AcceptedAt> {
    // Those who share a transaction share its scope, so only those whose rights reach equally far do.
    const reach = actor.reach === 'everywhere' ? '' : JSON.stringify(actor.reach);
    const key = `${actor.organizationId} ${request.profileId} ${request.lane} ${reach}`;
    const attributes = { 'waypost.profile.id': request.profileId, 'waypost.messages': request.drafts.length };
    return traced('message.queue', { kind: SpanKind.PRODUCER, attributes }, () =>
      this.gatherer.add(key, { actor, request, once, traceParent: currentTraceParent() }),
    );
  }

  /**
   * Takes the files in and records the message as queued. The profile is looked at first, so that nothing is fetched for
   * a message that cannot be sent anyway.
   * @throws what `accept` and `MediaIntake.take` throw
   */
  async acceptSaying(
    actor: Actor,
    profileId: ProfileId,
    { saying, ...rest }: SayingDraft,
    once?: Once<Accepted>,
  ): Promise<AcceptedAt> {
    if (saying.files.length > 0) await this.db.tenant(actor, (tx) => getSendingProfile(tx, actor, profileId));
    const media = await this.intake.takeAll(actor, saying.files);
    const draft = { ...rest, content: saying.say(media), ...(media.length > 0 ? { media } : {}) };
    return this.accept(actor, { profileId, lane: 'interactive', drafts: [draft] }, once);
  }

  /** One transaction for requests of one organization, profile and lane. */
  private async acceptTogether(asked: Asked[]): Promise<AcceptedAt[]> {
    const [{ actor, request }] = asked as [Asked];
    const { organizationId } = actor;
    const { profileId, lane } = request;
    const drafts = asked.flatMap(({ actor, request, traceParent }) =>
      request.drafts.map((draft) => ({ ...draft, by: eventActor(actor), traceParent })),
    );
    const { accepted, log } = await this.db.tenant(actor, async (tx) => {
      const owner = { organizationId, profileId, lane, batchId: null };
      const { messages, events, profile } = await queueMessages(tx, owner, drafts, this.settings);
      const accepted = shares(asked, messages).map((share): Accepted => ({ messages: share, profile }));
      for (const [index, { once }] of asked.entries()) await once?.(tx, accepted[index]!);
      return { accepted, log: appendEventsLast(tx, events) };
    });
    const queued = (await log).slice(-drafts.length);
    return shares(asked, queued).map((share, index) => ({ ...accepted[index]!, seq: share.at(-1)!.seq }));
  }
}

/** Deals out what was made for all drafts to the requests that they came from. */
function shares<T>(asked: Asked[], all: T[]): T[][] {
  let next = 0;
  return asked.map(({ request }) => {
    next += request.drafts.length;
    return all.slice(next - request.drafts.length, next);
  });
}
