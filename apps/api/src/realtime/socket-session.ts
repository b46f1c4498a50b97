import type { Socket } from 'socket.io';
import {
  type Actor,
  CatalogueError,
  type ClientToServer,
  errors,
  type LoggedEvent,
  narrowTo,
  type Permission,
  type ProfileId,
  type ServerToClient,
  type SubscribeAnswer,
} from '#contracts';
import { type Logger, type OutOfReach, type ProfileLinker, qrImage, type WaitingQr } from '#domain';
import { presentEvent } from '../events/events.dto.js';
import type { EventTail, Following } from './event-tail.js';
import { type RealtimeMessage, realtimeMessage } from './realtime-messages.js';

export type ClientSocket = Socket<ClientToServer, ServerToClient>;

/** Most profiles that one socket follows. */
const mostSubscriptions = 500;
/** So many messages may be on their way to a client before the next waits. */
const mostUnsent = 100;
/** A client for which so many live events wait is cut off; it can resume from where it was. */
const mostUnread = 1000;
/** How long a client may take to read enough for the next message. */
const patienceMs = 30_000;

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

interface Subscription {
  profileId: ProfileId;
  raw: boolean;
  /** The last position that was handed to the client. */
  seq: number;
  /** The text of the QR code that the client was last shown. */
  qrText: string | null;
  following?: Following;
}

/** What a session works with. */
export interface SocketTools {
  tail: EventTail;
  profiles: ProfileLinker;
  outOfReach: OutOfReach;
  log: Logger;
}

/** What one connected client follows, and what it is told. */
export class SocketSession {
  private readonly subscriptions = new Map<string, Subscription>();
  /** Requests of a client are answered one after another. */
  private requests = Promise.resolve();
  private ended = false;
  /** Events that wait for the client to keep pace. */
  private waiting = 0;

  constructor(
    private readonly socket: ClientSocket,
    /** Replaced when the credential was looked at again. */
    private actor: Actor,
    private readonly tools: SocketTools,
  ) {
    socket.on('subscribe:profile', (request, answer) => this.receive(answer, () => this.subscribe(request)));
    socket.on('join', (request, answer) => this.receive(answer, () => this.subscribe(request)));
    socket.on('unsubscribe:profile', (request, answer) => this.receive(answer, async () => this.unsubscribe(request)));
    socket.on('disconnect', () => this.end());
  }

  /** Goes on with the rights that the credential has now; what they do not cover any more is not told from here on. */
  async actAs(actor: Actor): Promise<void> {
    this.actor = actor;
    for (const subscription of this.subscriptions.values()) await this.recheck(subscription);
  }

  /** Stops everything; what a read under way brings is dropped. */
  end(): void {
    this.ended = true;
    for (const subscription of this.subscriptions.values()) subscription.following?.stop();
    this.subscriptions.clear();
  }

  private receive(answer: unknown, work: () => Promise<SubscribeAnswer>): void {
    this.requests = this.requests.then(async () => {
      const result = await work().catch((error: unknown) => this.refusal(error));
      if (typeof answer === 'function') answer(result);
    });
  }

  private refusal(error: unknown): SubscribeAnswer {
    const known = error instanceof CatalogueError ? error : errors.internal({ cause: error });
    if (known !== error) this.tools.log.error({ err: error }, 'a realtime request failed');
    const message = known.fields?.[0] ? `${known.fields[0].path}: ${known.fields[0].message}` : known.message;
    return { success: false, error: { code: known.code, message } };
  }

  private async subscribe(request: unknown): Promise<SubscribeAnswer> {
    const { profileId, after, raw } = checkedRequest(request);
    if (this.subscriptions.size >= mostSubscriptions && !this.subscriptions.has(profileId)) {
      throw errors.overloaded({ message: `One socket can follow ${mostSubscriptions} profiles. Open another.` });
    }
    await this.assertReached(profileId, 'events.read');
    this.subscriptions.get(profileId)?.following?.stop();
    const subscription: Subscription = { profileId, raw, seq: 0, qrText: null };
    // Events are handed on in order, and only after the present state was.
    let turn: Promise<void> = Promise.resolve();
    let open = () => {};
    const opened = new Promise<void>((resolve) => {
      open = resolve;
    });
    const following = await this.tools.tail.follow(profileId, after ?? 'now', (event) => {
      if (++this.waiting > mostUnread) this.cutOff('it left too many events unread');
      turn = turn
        .then(() => opened)
        .then(() => this.hand(subscription, event))
        .finally(() => this.waiting--);
      return turn;
    });
    if (this.ended) {
      following.stop();
      throw errors.overloaded({ message: 'The connection has ended.' });
    }
    subscription.seq = following.seq;
    subscription.following = following;
    this.subscriptions.set(profileId, subscription);
    // Open also when the state cannot be told: events must not pile up behind it.
    void this.showPresent(subscription, after === undefined).finally(open);
    return { success: true, profileId, seq: following.seq };
  }

  /** @throws notFound, or forbidden when the actor sees the profile but lacks the permission there */
  private async assertReached(profileId: ProfileId, permission: Permission): Promise<void> {
    const actor = narrowTo(this.actor, permission);
    try {
      if (!actor.permissions.has(permission)) {
        throw errors.forbidden({ message: `You lack the permission ${permission}.`, details: { permission } });
      }
      await this.tools.profiles.recorded(actor, profileId);
    } catch (error) {
      throw await this.tools.outOfReach.explain(error, actor, () => [profileId]);
    }
  }

  /** Ends a subscription that the rights of the actor do not cover any more. */
  private async recheck(subscription: Subscription): Promise<void> {
    const { profileId } = subscription;
    try {
      await this.assertReached(profileId, 'events.read');
    } catch (error) {
      if (!(error instanceof CatalogueError) || error.status >= 500) {
        this.tools.log.warn({ err: error, profileId }, 'the rights of a socket could not be looked at again');
        return;
      }
      if (this.subscriptions.get(profileId) !== subscription) return;
      subscription.following?.stop();
      this.subscriptions.delete(profileId);
      this.socket.emit('subscription:ended', { profileId, code: error.code, message: error.message });
    }
  }

  private unsubscribe(request: unknown): SubscribeAnswer {
    const { profileId } = checkedRequest(request);
    const subscription = this.subscriptions.get(profileId);
    if (subscription === undefined) throw errors.notFound({ message: 'This socket does not follow the profile.' });
    subscription.following?.stop();
    this.subscriptions.delete(profileId);
    return { success: true, profileId, seq: subscription.seq };
  }

  /** State and QR code for those who come late. Whoever resumes gets the states it missed, so only the code. */
  private async showPresent(subscription: Subscription, withState: boolean): Promise<void> {
    // After the answer to the request, which leaves in this turn.
    await new Promise(setImmediate);
    try {
      const { profileId, seq } = subscription;
      const status = await this.tools.profiles.recorded(narrowTo(this.actor, 'events.read'), profileId);
      if (withState) {
        const { state, code, sentence: message, userAction: action, phoneNumber } = status;
        const payload = { profileId, status: state, code, message, action, phoneNumber, seq };
        this.emit(subscription, { name: 'connection:status', payload });
      }
      await this.showQr(subscription);
    } catch (error) {
      this.tools.log.warn({ err: error, profileId: subscription.profileId }, 'the present state could not be told');
    }
  }

  private async hand(subscription: Subscription, event: LoggedEvent): Promise<void> {
    if (this.subscriptions.get(subscription.profileId) !== subscription) return;
    subscription.seq = event.seq;
    // It may have been moved to a place that the actor does not reach.
    if (event.name === 'profile.updated' && this.actor.reach !== 'everywhere') await this.recheck(subscription);
    if (subscription.raw) this.emit(subscription, { name: 'event', payload: presentEvent(event) });
    const message = realtimeMessage(event);
    if (message !== null) this.emit(subscription, message);
    if (event.name === 'connection.qr_changed') await this.showQr(subscription);
    await this.keepPace();
  }

  /** The code that waits now, unless the client has it. Only for those who may link the profile. */
  private async showQr(subscription: Subscription): Promise<void> {
    const { profileId } = subscription;
    const waiting = await this.waitingQr(profileId);
    if (waiting === null) return;
    const { text, expiresAt } = waiting;
    if (text === null || expiresAt === null || text === subscription.qrText) return;
    subscription.qrText = text;
    const qrCode = await qrImage(text);
    const payload = { profileId, qrCode, qrText: text, expiresAt: expiresAt.toISOString(), seq: subscription.seq };
    this.emit(subscription, { name: 'qr:update', payload });
  }

  private async waitingQr(profileId: ProfileId): Promise<WaitingQr | null> {
    if (!this.actor.permissions.has('profiles.connect')) return null;
    try {
      return await this.tools.profiles.qr(narrowTo(this.actor, 'profiles.connect'), profileId);
    } catch (error) {
      // It holds the permission, but not for this profile.
      if (error instanceof CatalogueError && error.status === 404) return null;
      throw error;
    }
  }

  private emit(subscription: Subscription, { name, payload }: RealtimeMessage): void {
    if (this.subscriptions.get(subscription.profileId) === subscription) this.socket.emit(name, payload as never);
  }

  /** Resolves when the client has read nearly everything that was sent. */
  private async keepPace(): Promise<void> {
    const until = Date.now() + patienceMs;
    while (!this.ended && this.unread() > mostUnsent) {
      if (Date.now() > until) return this.cutOff('it reads too slowly');
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, 1000);
        this.socket.conn.once('drain', () => {
          clearTimeout(timer);
          resolve();
        });
      });
    }
  }

  /** Messages that Socket.IO could not hand to the network yet. */
  private unread(): number {
    return (this.socket.conn as unknown as { writeBuffer: unknown[] }).writeBuffer.length;
  }

  private cutOff(why: string): void {
    if (this.ended) return;
    this.tools.log.info({ organizationId: this.actor.organizationId, why }, 'a realtime client was cut off');
    this.end();
    this.socket.disconnect(true);
  }
}

function checkedRequest(request: unknown): { profileId: ProfileId; after: number | undefined; raw: boolean } {
  const { profileId, after, raw } = (request ?? {}) as Record<string, unknown>;
  if (typeof profileId !== 'string' || !uuid.test(profileId)) throw invalid('profileId', 'must be a UUID');
  if (after !== undefined && !(Number.isSafeInteger(after) && (after as number) >= 0)) {
    throw invalid('after', 'must be a position of the log, 0 or more');
  }
  if (raw !== undefined && typeof raw !== 'boolean') throw invalid('raw', 'must be true or false');
  return {
    profileId: profileId.toLowerCase() as ProfileId,
    after: after as number | undefined,
    raw: raw === true,
  };
}

function invalid(path: string, message: string) {
  return errors.validation({ fields: [{ path, message }] });
}
