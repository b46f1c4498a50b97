import { setTimeout as sleep } from 'node:timers/promises';
import type { Context } from '@opentelemetry/api';
import {
  type ClaimedSend,
  chatAddressOf,
  type Database,
  isTransient,
  type ReleasedSend,
  releaseSends,
  retryTransient,
} from '#database';
import { type Connection, EngineError, LeaseLost } from '#engine';
import type { MediaStorage } from '#storage';
import { type GovernorParts, SendGovernor } from '../governor/send-governor.js';
import type { Logger } from '../platform/logger.js';
import { called, continued } from '../platform/tracing.js';
import { judgeFailure, tellsOfRecipients } from './delivery-failure.js';
import { timeOver } from './delivery-settlement.js';
import { outgoingAction, outgoingContent } from './outgoing-content.js';
import type { OwnedProfile } from './owned-profile.js';
import { SendLanes } from './send-lanes.js';
import { SettlementQueue } from './settlement-queue.js';
import { StatusAudience } from './status-audience.js';

/** Sends under way at once for one profile, in different conversations. */
const CONCURRENCY = 16;
/** Sends taken on by one claim. Few, so that an urgent message finds a place soon. */
const AT_ONCE = 2 * CONCURRENCY;
/** Most sends held ahead. */
const MOST_AHEAD = 8 * CONCURRENCY;
/** A conversation with so many waiting gets no more, so that a long one does not keep the others out … */
const LONG = 8;
/** … until it is down to this. */
const SHORT = 3;
/** Between two claims while there is something to send: what comes in meanwhile is claimed together. */
const CLAIM_EVERY_MS = 10;
/** After a database failure that is not about the lease. */
const RETRY_MS = 500;
const FIRST_BACKOFF_MS = 2_000;
const LONGEST_BACKOFF_MS = 300_000;

/**
 * Carries the waiting sends of one profile to WhatsApp: claim, send, settle. In a conversation one message follows
 * another; conversations run side by side.
 *
 * What it holds in memory is the truth about what it has taken on: it claims whatever is due in the database and not in
 * memory. So a claim whose answer was lost, and the claims of a dead owner, are simply claimed again.
 *
 * If the process dies …
 * - after a claim: the row counts as wired, the next owner sends it under the same WhatsApp id;
 * - after the wire, before the acknowledgement or before it is recorded: the same; the recipient sees one message;
 * - after the settlement: the row is gone.
 */
export class MessageDeliverer {
  private readonly lanes = new SendLanes();
  private readonly settlements: SettlementQueue;
  private readonly governor: SendGovernor;
  private readonly audience: StatusAudience;
  /** Taken on and neither settled nor given back in the database yet. */
  private readonly held = new Map<string, ClaimedSend>();
  private readonly underWay = new Set<Promise<void>>();
  /** Conversations of messages on their way back to the database: none of theirs is claimed until those are there. */
  private readonly returning = new Map<string, number>();
  /** Long conversations that claims passed over. */
  private readonly passedOver = new Set<string>();
  /** Batches that stop on errors and had one; the database says so soon. */
  private readonly stoppedBatches = new Set<string>();
  /** How often something was recalled. */
  private recalls = 0;
  private isOpen = false;
  private claiming: Promise<void> | undefined;
  private claimedAt = 0;
  private wanted = false;
  private retry: NodeJS.Timeout | undefined;
  /** Ends what is typed when the connection goes. */
  private opening = new AbortController();

  constructor(
    private readonly parts: { db: Database; storage: MediaStorage; log: Logger } & GovernorParts,
    private readonly owned: OwnedProfile,
    private readonly connection: Connection,
  ) {
    this.settlements = new SettlementQueue(parts, owned, (messageIds) => this.forget(messageIds));
    this.audience = new StatusAudience(parts.db, owned, connection);
    this.governor = new SendGovernor(parts, owned, () => this.wake());
  }

  /** For metrics: what makes sends rest now. */
  get resting(): SendGovernor['status'] {
    return this.governor.status;
  }

  /** WhatsApp says that the number may not open chats, or that it may again. */
  timeLocked(lock: { until: Date | null } | null): void {
    this.governor.timeLocked(lock).catch((error) => this.warn(error, 'A time-lock could not be kept.'));
  }

  /** The connection is up: sends from now on. */
  start(): void {
    this.isOpen = true;
    this.opening = new AbortController();
    this.passedOver.clear();
    this.lanes.unblockAll();
    this.wake();
  }

  /** The connection is down: gives back what is not under way, so that it can be cancelled, expire or move on. */
  pause(): void {
    this.isOpen = false;
    this.opening.abort();
    this.governor.rest();
    this.giveBack(this.lanes.takeAll());
  }

  /** A broadcast was paused or cancelled: gives back what of batches and broadcasts is not on the wire. */
  recall(): void {
    this.recalls += 1;
    this.giveBack(this.lanes.takeOfBatches());
  }

  /** There may be something to send, or it may be allowed again. */
  wake(): void {
    this.wanted = true;
    this.sendNext();
    this.claim();
  }

  /** Takes nothing more on, waits for what is under way and records it; at most `withinMs`. */
  async stop(withinMs: number): Promise<void> {
    this.pause();
    clearTimeout(this.retry);
    const finished = (async () => {
      await this.claiming;
      while (this.underWay.size > 0) await Promise.allSettled([...this.underWay]);
      await this.settlements.drained();
    })();
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, withinMs);
    });
    await Promise.race([finished, late]);
    clearTimeout(timer);
  }

  /** Fills the lanes from the database. One claim at a time; whoever calls meanwhile makes it look once more. */
  private claim(): void {
    this.claiming ??= this.fill().finally(() => {
      this.claiming = undefined;
      // Somebody may have asked between the last look and now.
      if (this.wanted && this.retry === undefined && this.hasRoom()) this.claim();
    });
  }

  private async fill(): Promise<void> {
    try {
      while (this.wanted && this.hasRoom()) {
        await this.untilNextClaim();
        this.wanted = false;
        const taken = await this.governor.claim(() => {
          const long = this.lanes.longerThan(LONG);
          // Noted before the wait, in which such a conversation may become short.
          for (const conversationId of long) this.passedOver.add(conversationId);
          return {
            limit: Math.min(AT_ONCE, MOST_AHEAD - this.lanes.size),
            exceptMessages: [...this.held.keys()],
            exceptConversations: [...this.lanes.blocked(), ...this.returning.keys(), ...long],
          };
        });
        if (!taken) return;
        const { sends } = taken;
        for (const send of sends) this.held.set(send.messageId, send);
        // A full answer means that there is more; it is fetched when there is room.
        if (taken.mayBeMore) this.wanted = true;
        if (!this.canSend()) return this.giveBack(sends);
        // Where the first message of a conversation went back while the claim was under way, the later ones follow it.
        const behind = sends.filter((send) => this.returning.has(send.conversationId));
        const refused = this.lanes.add(sends.filter((send) => !behind.includes(send)));
        this.giveBack([...behind, ...refused]);
        this.sendNext();
      }
    } catch (error) {
      this.wanted = true;
      if (!isTransient(error)) this.parts.log.error({ err: error, ...this.names() }, 'Waiting sends cannot be read.');
      clearTimeout(this.retry);
      this.retry = setTimeout(() => {
        this.retry = undefined;
        this.wake();
      }, RETRY_MS);
    }
  }

  /** An idle profile claims at once. */
  private async untilNextClaim(): Promise<void> {
    const restMs = this.claimedAt + CLAIM_EVERY_MS - performance.now();
    if (restMs > 0 && this.underWay.size > 0) await sleep(restMs);
    this.claimedAt = performance.now();
  }

  private sendNext(): void {
    while (this.canSend() && this.underWay.size < CONCURRENCY) {
      const send = this.lanes.next();
      if (send === undefined) break;
      const work = this.deliver(send).finally(() => {
        this.underWay.delete(work);
        this.lanes.done(send.conversationId);
        if (this.lanes.waitingIn(send.conversationId) <= SHORT && this.passedOver.delete(send.conversationId)) {
          this.wanted = true;
        }
        this.sendNext();
        if (this.wanted) this.claim();
      });
      this.underWay.add(work);
    }
  }

  private hasRoom(): boolean {
    return this.canSend() && this.lanes.conversations < CONCURRENCY && this.lanes.size < MOST_AHEAD;
  }

  private canSend(): boolean {
    return this.isOpen && this.owned.isCurrent;
  }

  private deliver(send: ClaimedSend): Promise<void> {
    const { messageId, attempts } = send;
    const { profileId } = this.owned.lease;
    const attributes = {
      'waypost.profile.id': profileId,
      'waypost.message.id': messageId,
      'waypost.attempt': attempts,
    };
    return continued(send.traceParent, 'message.deliver', attributes, (within) => this.carry(send, within));
  }

  private async carry(send: ClaimedSend, within: Context): Promise<void> {
    const { messageId } = send;
    const { recalls } = this;
    const isStopped = send.batchId !== null && this.stoppedBatches.has(send.batchId);
    const reason = isStopped ? 'batch_stopped_on_error' : send.cancelledBecause;
    if (reason !== null && !send.wasWired) {
      this.governor.returned([messageId], [messageId]);
      return this.settlements.add({ messageId, state: 'cancelled', reason, at: new Date() });
    }
    if (send.expiresAt <= new Date()) {
      this.governor.returned([messageId], send.wasWired ? [] : [messageId]);
      return this.settlements.add(timeOver(messageId, send.wasWired));
    }
    await this.type(send);
    const isRecalled = send.batchId !== null && recalls !== this.recalls;
    if (!this.canSend() || isRecalled || !this.governor.mayGo(messageId)) {
      // What comes after it in its conversation must not overtake it.
      return this.giveBack([send, ...this.lanes.take(send.conversationId)]);
    }
    try {
      const call = this.callOf(send);
      const wire = { 'messaging.system': 'whatsapp', 'messaging.message.id': send.waMessageId };
      const { acknowledgedAt } = await called(within, 'whatsapp.send', wire, call);
      this.settlements.add({ messageId, state: 'sent', reason: null, at: acknowledgedAt });
      await this.learn(() => this.governor.ended(messageId, true));
    } catch (error) {
      await this.fail(send, error);
    }
  }

  /** Shows "typing…" for a while, when the profile's rules want it and the send may go. */
  private async type(send: ClaimedSend): Promise<void> {
    const shown = send.isAction || !this.governor.mayGo(send.messageId) ? null : this.governor.typing(send.content);
    if (!shown) return;
    // Nobody needs it: a message goes out without it too.
    await this.connection.setTyping(chatAddressOf(send), shown.state).catch(() => undefined);
    await sleep(shown.ms, undefined, { signal: this.opening.signal }).catch(() => undefined);
  }

  /** What the governor learns is of use later; the send at hand does not depend on it. */
  private async learn(what: () => Promise<void>): Promise<void> {
    await what().catch((error) => this.warn(error, 'The send governor could not keep what it learnt.'));
  }

  /** What the engine is asked for: to send a message, or to do something to one. */
  private callOf(send: ClaimedSend): () => Promise<{ acknowledgedAt: Date }> {
    const { waMessageId } = send;
    const chat = chatAddressOf(send);
    const options = async () => ({
      waMessageId,
      ...(chat.kind === 'status' ? { audience: await this.audience.of(send) } : {}),
    });
    if (send.isAction) {
      const action = outgoingAction(send);
      return async () => this.connection.act(chat, action, await options());
    }
    const content = outgoingContent(send, this.parts.storage);
    return async () => this.connection.send(chat, content, await options());
  }

  private async fail(send: ClaimedSend, error: unknown): Promise<void> {
    if (error instanceof LeaseLost) {
      this.isOpen = false;
      return;
    }
    const verdict = judgeFailure(error, send.wasWired);
    const { messageId } = send;
    if (verdict.kind === 'settled') {
      this.tell('warn', error, messageId, 'A send ended without success.');
      if (send.batchId && send.stopsBatch && verdict.state === 'failed') this.stoppedBatches.add(send.batchId);
      // Kept before the outcome is: a next owner must not try another stranger because this one died in between.
      if (verdict.reason === 'rejected_463') await this.learn(() => this.governor.refused(messageId));
      await this.learn(() => this.governor.ended(messageId, tellsOfRecipients(verdict.reason) ? false : null));
      this.settlements.add({ messageId, state: verdict.state, reason: verdict.reason, at: new Date() });
      return;
    }
    // It goes back to its old place. The conversation waits, so that nothing overtakes it; only in memory, because a new
    // owner with a new connection may well try at once.
    const backoff = Math.min(LONGEST_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** Math.min(send.attempts - 1, 10));
    const waiting = this.lanes.block(send.conversationId, backoff * (0.5 + Math.random() / 2), () => this.wake());
    this.tell('info', error, messageId, 'A send will be tried again.');
    this.giveBack([send], verdict);
    this.giveBack(waiting);
  }

  /** Until the database has them, the messages stay in `held` and their conversations are not claimed from. */
  private giveBack(sends: ClaimedSend[], tried?: { wired: boolean; reason: string }): void {
    if (sends.length === 0) return;
    const rows = sends.map(
      ({ messageId, wasWired }): ReleasedSend => ({
        ...this.governor.countOf(messageId),
        ...{ messageId, wired: tried?.wired || wasWired, failedBecause: tried?.reason ?? null },
      }),
    );
    for (const send of sends) this.countReturning(send.conversationId, 1);
    const { db, log } = this.parts;
    const work = retryTransient(() => releaseSends(db, this.owned.lease, rows), { signal: this.owned.signal })
      .then(
        () => rows.filter((row) => !row.wired).map((row) => row.messageId),
        (error) => {
          log.warn({ err: error, ...this.names() }, 'Sends could not be given back.');
          return [];
        },
      )
      .then((unsent) => {
        this.governor.returned(
          rows.map((row) => row.messageId),
          unsent,
        );
        this.underWay.delete(work);
        for (const send of sends) this.countReturning(send.conversationId, -1);
        this.wanted = true;
        this.forget(rows.map((row) => row.messageId));
      });
    this.underWay.add(work);
  }

  private countReturning(conversationId: string, by: number): void {
    const count = (this.returning.get(conversationId) ?? 0) + by;
    if (count === 0) this.returning.delete(conversationId);
    else this.returning.set(conversationId, count);
  }

  private forget(messageIds: string[]): void {
    for (const id of messageIds) this.held.delete(id);
    if (this.canSend()) this.sendNext();
    if (this.wanted) this.claim();
  }

  /** The causes of engine errors carry addresses of people: they are for debugging only. */
  private tell(level: 'info' | 'warn', error: unknown, messageId: string, line: string): void {
    const { log } = this.parts;
    if (error instanceof EngineError) {
      log[level]({ code: error.code, reason: error.message, messageId, ...this.names() }, line);
      log.debug({ err: error, messageId }, line);
    } else log[level]({ err: error, messageId, ...this.names() }, line);
  }

  private warn(error: unknown, line: string): void {
    this.parts.log.warn({ err: error, ...this.names() }, line);
  }

  private names() {
    return { profileId: this.owned.lease.profileId, epoch: this.owned.lease.epoch };
  }
}
