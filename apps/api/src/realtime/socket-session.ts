import type { Socket } from 'socket.io';
import {
  type Actor,
  CatalogueError,
  type ClientToServer,
  errors,
  type LoggedEvent,
  narrowTo,
  type ProfileId,
  type RoomKind,
  type ServerToClient,
  type SubscribeAnswer,
} from '#contracts';
import { type Logger, type ProfileLinker, qrImage, type WaitingQr } from '#domain';
import { presentEvent } from '../events/events.dto.js';
import type { EventTail, Following } from './event-tail.js';
import { type RealtimeMessage, realtimeMessage } from './realtime-messages.js';
import { isMerged, type Room, type RoomAsked, type Rooms } from './rooms.js';
import { askedFor } from './subscribe-requests.js';

export type ClientSocket = Socket<ClientToServer, ServerToClient>;

/** Most rooms that one socket follows. */
const mostSubscriptions = 500;
/** So many messages may be on their way to a client before the next waits. */
const mostUnsent = 100;
/** A client for which so many live events wait is cut off; it can resume from where it was. */
const mostUnread = 1000;
/** How long a client may take to read enough for the next message. */
const patienceMs = 30_000;

interface Subscription {
  room: Room;
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
  rooms: Rooms;
  profiles: ProfileLinker;
  log: Logger;
}

/** What one connected client follows, and what it is told. */
export class SocketSession {
  /** By kind and id of their room. */
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
    for (const kind of ['profile', 'conversation', 'organization', 'user'] as const) {
      socket.on(`subscribe:${kind}`, (request: unknown, answer: unknown) =>
        this.receive(answer, () => this.subscribe(kind, request)),
      );
      socket.on(`unsubscribe:${kind}`, (request: unknown, answer: unknown) =>
        this.receive(answer, async () => this.unsubscribe(kind, request)),
      );
    }
    socket.on('join', (request, answer) => this.receive(answer, () => this.subscribe('profile', request)));
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

  private async subscribe(kind: RoomKind, request: unknown): Promise<SubscribeAnswer> {
    const { room: asked, after, raw } = askedFor(kind, request);
    const room = await this.tools.rooms.open(this.actor, asked);
    const key = keyOf(room);
    if (this.subscriptions.size >= mostSubscriptions && !this.subscriptions.has(key)) {
      throw errors.overloaded({ message: `One socket can follow ${mostSubscriptions} rooms. Open another.` });
    }
    this.subscriptions.get(key)?.following?.stop();
    const subscription: Subscription = { room, raw, seq: 0, qrText: null };
    // Events are handed on in order, and only after the present state was.
    let turn: Promise<void> = Promise.resolve();
    let open = () => {};
    const opened = new Promise<void>((resolve) => {
      open = resolve;
    });
    const following = await this.tools.tail.follow(room.streamId, after ?? 'now', (event) => {
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
    this.subscriptions.set(key, subscription);
    // Open also when the state cannot be told: events must not pile up behind it.
    void this.showPresent(subscription, after === undefined).finally(open);
    return { success: true, ...shown(room), seq: following.seq };
  }

  /** Ends a subscription that the rights of the actor do not cover any more. */
  private async recheck(subscription: Subscription): Promise<void> {
    const { room } = subscription;
    try {
      await this.tools.rooms.open(this.actor, room as RoomAsked);
    } catch (error) {
      if (!(error instanceof CatalogueError) || error.status >= 500) {
        this.tools.log.warn({ err: error, room: keyOf(room) }, 'the rights of a socket could not be looked at again');
        return;
      }
      this.close(subscription, error);
    }
  }

  /** Tells the client why it hears no more of a room. */
  private close(subscription: Subscription, { code, message }: CatalogueError): void {
    if (!this.isOpen(subscription)) return;
    subscription.following?.stop();
    this.subscriptions.delete(keyOf(subscription.room));
    this.socket.emit('subscription:ended', { ...shown(subscription.room), code, message });
  }

  private unsubscribe(kind: RoomKind, request: unknown): SubscribeAnswer {
    const { room } = askedFor(kind, request);
    const own = { organization: this.actor.organizationId, user: this.actor.userId };
    const key = keyOf({ kind, id: 'id' in room ? room.id : own[room.kind] });
    const subscription = this.subscriptions.get(key);
    if (subscription === undefined) throw errors.notFound({ message: `This socket does not follow the ${kind}.` });
    subscription.following?.stop();
    this.subscriptions.delete(key);
    return { success: true, ...shown(subscription.room), seq: subscription.seq };
  }

  private isOpen(subscription: Subscription): boolean {
    return this.subscriptions.get(keyOf(subscription.room)) === subscription;
  }

  /** State and QR code for those who come late. Whoever resumes gets the states it missed, so only the code. */
  private async showPresent(subscription: Subscription, withState: boolean): Promise<void> {
    // After the answer to the request, which leaves in this turn.
    await new Promise(setImmediate);
    const { room, seq } = subscription;
    if (room.kind !== 'profile') return;
    const profileId = room.id as ProfileId;
    try {
      const status = await this.tools.profiles.recorded(narrowTo(this.actor, 'events.read'), profileId);
      if (withState) {
        const { state, code, sentence: message, userAction: action, phoneNumber } = status;
        const payload = { profileId, status: state, code, message, action, phoneNumber, seq };
        this.emit(subscription, { name: 'connection:status', payload });
      }
      await this.showQr(subscription);
    } catch (error) {
      this.tools.log.warn({ err: error, profileId }, 'the present state could not be told');
    }
  }

  private async hand(subscription: Subscription, event: LoggedEvent): Promise<void> {
    if (!this.isOpen(subscription)) return;
    subscription.seq = event.seq;
    const { room } = subscription;
    // It may have been moved to a place that the actor does not reach.
    if (event.name === 'profile.updated' && this.actor.reach !== 'everywhere') await this.recheck(subscription);
    if (!room.has(event)) return;
    if (subscription.raw) this.emit(subscription, { name: 'event', payload: presentEvent(event) });
    const message = realtimeMessage(event);
    if (message !== null) this.emit(subscription, message);
    if (room.kind === 'profile' && event.name === 'connection.qr_changed') await this.showQr(subscription);
    if (room.kind === 'conversation' && isMerged(event, room.id)) {
      this.close(
        subscription,
        errors.notFound({ message: 'This conversation went up in another one of the same person.' }),
      );
    }
    await this.keepPace();
  }

  /** The code that waits now, unless the client has it. Only for those who may link the profile. */
  private async showQr(subscription: Subscription): Promise<void> {
    const profileId = subscription.room.id as ProfileId;
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
    if (this.isOpen(subscription)) this.socket.emit(name, payload as never);
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

const keyOf = ({ kind, id }: { kind: RoomKind; id: string }) => `${kind} ${id}`;

function shown({ kind: room, id, profileId }: Room) {
  return { room, id, ...(profileId === null ? {} : { profileId }) };
}
