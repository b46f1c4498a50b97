import type { NewEvent, ProfileId } from '#contracts';
import {
  appendEvents,
  countTemplateUse,
  type Database,
  excludePending,
  type FedRecipient,
  type FeedTurn,
  isDrained,
  lockFeedTurn,
  noteFed,
  noteTurn,
  type PendingRecipient,
  postponeWaiting,
  type Tx,
  takePending,
  unassign,
} from '#database';
import { type DraftBy, queueMessages } from '../messaging/queue-messages.js';
import type { OptOutLinks } from '../opt-outs/opt-out-links.js';
import { chatAt } from './audience-parts.js';
import { completeBroadcast } from './broadcast-ends.js';
import { BroadcastPace, closedUntil, meanPauseMs } from './broadcast-pace.js';
import { fillIn, valuesOf } from './broadcast-words.js';
import { broadcastEvent } from './broadcasts.js';
import { type Hold, holdOf } from './sender-hold.js';
import { endWaiting, rest } from './waiting-messages.js';

/** Most messages of a broadcast that wait at one number: few, so that they can be taken back, and a pause is a small thing. */
const MOST_WAITING = 400;
/** So far ahead a number is given messages: what happens after that is still open. */
const AHEAD_MS = 15_000;
/** When there was more to give than room, or nothing to give. */
const SOON_MS = 250;
const LATER_MS = 1_000;
/** While messages of a broadcast with hours of the day wait at a number, it is looked at so often. */
const WITHIN_HOURS_MS = 5_000;

/**
 * Gives the numbers of running broadcasts their next messages. A recipient and the message made for it are one
 * transaction: so nobody gets two, and nobody is forgotten, whatever dies. A message is given shortly before its time; the
 * engine that holds the number sends it under the number's own rules, like any other of a campaign.
 */
export class BroadcastFeeder {
  constructor(
    private readonly db: Database,
    private readonly links: Pick<OptOutLinks, 'linkFor'>,
    private readonly settings: { expiryMs: number },
  ) {}

  /** One turn of one number. @returns whether one was due */
  feedOnce(): Promise<boolean> {
    return this.db.system(async (tx) => {
      const turn = await lockFeedTurn(tx);
      if (!turn) return false;
      const hold = holdOf(turn);
      await this.keepHours(tx, turn);
      const events = turn.heldFor === (hold?.code ?? null) ? [] : [senderChanged(turn, hold)];
      events.push(...(hold ? await this.hold(tx, turn, hold) : await this.feed(tx, turn)));
      await appendEvents(tx, events);
      return true;
    });
  }

  /** What could not go before the hours of the day were over goes in the next ones. */
  private async keepHours(tx: Tx, { id, senderId, settings, timeZone, waiting, now }: FeedTurn): Promise<void> {
    const opensAt = closedUntil(settings, timeZone, now);
    if (opensAt !== null && waiting > 0) await postponeWaiting(tx, { broadcastId: id, senderId }, opensAt);
  }

  /** A number that cannot send: what becomes of its share is the broadcast's to say. */
  private async hold(tx: Tx, turn: FeedTurn, hold: Hold): Promise<NewEvent[]> {
    const { id, settings, nextAt, inBatch } = turn;
    const of = { broadcastId: id, senderId: turn.senderId };
    await noteTurn(tx, of, { nextAt, inBatch, feedAt: after(turn.now, LATER_MS), heldFor: hold.code });
    if (!hold.isLost) return this.end(tx, turn);
    if (settings.onSenderLost === 'reassign') {
      const events = await endWaiting(tx, id, { kind: 'sender', profileId: turn.senderId });
      await unassign(tx, of);
      return [...events, ...(await this.end(tx, turn))];
    }
    if (settings.onSenderLost === 'wait') return this.end(tx, turn);
    const failed = await rest(tx, id, { state: 'failed', stateReason: `sender_${hold.code}` });
    return [broadcastEvent(failed, 'broadcast.failed', { kind: 'system' })];
  }

  private async feed(tx: Tx, turn: FeedTurn): Promise<NewEvent[]> {
    const { id, senderId, now, settings, timeZone } = turn;
    const pace = new BroadcastPace(settings, timeZone, turn, now);
    const horizon = after(now, AHEAD_MS);
    const room = Math.min(MOST_WAITING - turn.waiting, slotsWithin(meanPauseMs(settings), AHEAD_MS));
    const isTooEarly = pace.next > horizon;
    const wanted = room > 0 && !isTooEarly ? room : 0;
    const pending = wanted === 0 ? [] : await this.pending(tx, turn, wanted);
    const { drafts, excluded } = this.write(turn, pending, pace, horizon);
    await excludePending(tx, id, excluded);
    const events = drafts.length === 0 ? [] : await this.queue(tx, turn, drafts);
    const isDry = wanted > 0 && pending.length === 0;
    const waits = turn.waiting + drafts.length > 0;
    await noteTurn(
      tx,
      { broadcastId: id, senderId },
      { ...pace.state, feedAt: this.nextLook(turn, pace, isDry, waits), heldFor: null },
    );
    return isDry ? this.end(tx, turn) : events;
  }

  private pending(tx: Tx, turn: FeedTurn, limit: number): Promise<PendingRecipient[]> {
    const { id, organizationId, senderId, startedAt, settings } = turn;
    const of = { broadcastId: id, organizationId, senderId, startedAt: startedAt!, stopOnReply: settings.stopOnReply };
    return takePending(tx, of, limit, turn.ableSenders);
  }

  /** What is to be sent to whom and when, as far as the horizon; and who is left out after all. */
  private write(turn: FeedTurn, pending: PendingRecipient[], pace: BroadcastPace, horizon: Date) {
    const drafts: { recipient: PendingRecipient; draft: DraftBy }[] = [];
    const excluded: { position: number; reason: NonNullable<PendingRecipient['reason']> }[] = [];
    for (const recipient of pending) {
      const { position, reason, address, variant } = recipient;
      if (reason !== null) {
        excluded.push({ position, reason });
        continue;
      }
      if (pace.next > horizon) break;
      const to = chatAt(address);
      // Opting out counts at the number that sends.
      const link = to.kind === 'user' ? { opt_out_link: this.links.linkFor(turn.senderId as ProfileId, to) } : {};
      const values = { ...turn.settings.variables, ...link, ...valuesOf(recipient) };
      const filled = fillIn(turn.prepared![variant]!, to, values, turn.timeZone);
      if ('reason' in filled) {
        excluded.push({ position, reason: filled.reason });
        continue;
      }
      const draft = {
        to,
        content: filled.content,
        ...pace.take(),
        by: turn.startedBy ?? { kind: 'system' as const },
      };
      drafts.push({ recipient, draft });
    }
    return { drafts, excluded };
  }

  private async queue(
    tx: Tx,
    turn: FeedTurn,
    given: { recipient: PendingRecipient; draft: DraftBy }[],
  ): Promise<NewEvent[]> {
    const { id, organizationId, senderId } = turn;
    const owner = { organizationId, profileId: senderId, lane: 'campaign' as const, batchId: id, waits: true as const };
    const queued = await queueMessages(
      tx,
      owner,
      given.map(({ draft }) => draft),
      this.settings,
    );
    const fed = queued.messages.map(
      (message, index): FedRecipient => ({
        position: given[index]!.recipient.position,
        messageId: message.id,
        conversationId: message.conversationId,
        personId: message.party?.personId ?? null,
      }),
    );
    await noteFed(tx, { broadcastId: id, senderId }, fed);
    for (const [variant, { templateId }] of turn.prepared!.entries()) {
      const times = given.filter(({ recipient }) => recipient.variant === variant).length;
      if (templateId !== null && times > 0) await countTemplateUse(tx, templateId as never, times);
    }
    return queued.events;
  }

  private nextLook({ now, settings }: FeedTurn, pace: BroadcastPace, isDry: boolean, waits: boolean): Date {
    if (isDry) return after(now, LATER_MS);
    // Half of what was given is left then.
    const early = pace.next.getTime() - AHEAD_MS / 2;
    const late = settings.dailyWindow && waits ? now.getTime() + WITHIN_HOURS_MS : early;
    return new Date(Math.max(now.getTime() + SOON_MS, Math.min(early, late)));
  }

  /** The broadcast is completed when nobody waits any more. */
  private async end(tx: Tx, turn: FeedTurn): Promise<NewEvent[]> {
    if (turn.expandedAt === null || !(await isDrained(tx, turn.id))) return [];
    return completeBroadcast(tx, turn.id);
  }
}

function senderChanged({ id, organizationId, profileId, senderId }: FeedTurn, hold: Hold | null): NewEvent {
  const payload = { broadcastId: id, profileId: senderId, heldFor: hold?.code ?? null };
  return { organizationId, profileId, name: 'broadcast.sender_changed', actor: { kind: 'system' }, payload };
}

/** One more than the mean, for pauses that turn out short. */
function slotsWithin(meanMs: number, withinMs: number): number {
  return meanMs === 0 ? MOST_WAITING : Math.min(MOST_WAITING, Math.ceil(withinMs / meanMs) + 1);
}

function after(moment: Date, ms: number): Date {
  return new Date(moment.getTime() + ms);
}
