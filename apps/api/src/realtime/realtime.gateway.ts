import { HttpAdapterHost } from '@nestjs/core';
import { type OnGatewayConnection, type OnGatewayInit, WebSocketGateway } from '@nestjs/websockets';
import type { Namespace } from 'socket.io';
import { type Actor, CatalogueError, errors, type Origin } from '#contracts';
import { AccessTokens, Authenticator, accessEffect, Logger, ProfileLinker } from '#domain';
import { Limits } from '../http/limits.js';
import { Metrics } from '../http/metrics.js';
import { addressKey } from '../http/rate-limits.js';
import { clientAddress, type TrustsProxy } from './client-address.js';
import { EventTail } from './event-tail.js';
import { Rooms } from './rooms.js';
import { type SocketCredential, socketCredential } from './socket-credentials.js';
import { type ClientSocket, SocketSession } from './socket-session.js';

/** Expiry comes without an event, so credentials are asked again from time to time. */
const renewEveryMs = 60_000;

/**
 * The Socket.IO namespace `/ws` (contracts/realtime.ts). Who connects shows a credential in the handshake and then
 * follows rooms; what it is told comes from the event log, so it can resume where it was.
 */
@WebSocketGateway({ namespace: '/ws' })
export class RealtimeGateway implements OnGatewayInit, OnGatewayConnection {
  constructor(
    private readonly authenticator: Authenticator,
    private readonly tokens: AccessTokens,
    private readonly tail: EventTail,
    private readonly profiles: ProfileLinker,
    private readonly rooms: Rooms,
    private readonly host: HttpAdapterHost,
    private readonly limits: Limits,
    private readonly metrics: Metrics,
    private readonly log: Logger,
  ) {}

  afterInit(namespace: Namespace): void {
    namespace.use((socket, next) => {
      const origin = this.originOf(socket as ClientSocket);
      socketCredential(socket.handshake, this.authenticator, this.tokens, origin).then(
        (credential) => {
          socket.data.credential = credential;
          next();
        },
        async (error: unknown) => next(await this.refusal(error, origin.ip!)),
      );
    });
  }

  handleConnection(socket: ClientSocket): void {
    this.metrics.countSocket(1);
    socket.once('disconnect', () => this.metrics.countSocket(-1));
    const credential = socket.data.credential as SocketCredential;
    const session = new SocketSession(socket, credential.actor, {
      tail: this.tail,
      rooms: this.rooms,
      profiles: this.profiles,
      log: this.log,
    });
    void this.watch(socket, session, credential);
  }

  /** Closes the socket when its credential ends, and keeps to its rights when they change: at once, on the event. */
  private async watch(socket: ClientSocket, session: SocketSession, credential: SocketCredential): Promise<void> {
    const renew = async () => {
      try {
        await session.actAs(await credential.renew());
      } catch (error) {
        if (error instanceof CatalogueError && error.status < 500) close(socket, error);
        else this.log.warn({ err: error }, 'a socket credential could not be looked at again');
      }
    };
    const timer = setInterval(renew, renewEveryMs);
    socket.once('disconnect', () => clearInterval(timer));
    try {
      const { actor } = credential;
      const following = await this.tail.follow(actor.organizationId, 'now', (event) => {
        const effect = accessEffect(event, actor);
        if (effect === 'ended') close(socket, endOf(actor));
        if (effect === 'changed') void renew();
      });
      socket.once('disconnect', () => following.stop());
      if (socket.disconnected) following.stop();
      // It may have ended between the handshake and here.
      await renew();
    } catch (error) {
      this.log.warn({ err: error }, 'a socket could not be watched');
      socket.disconnect(true);
    }
  }

  private originOf({ handshake }: ClientSocket): Origin {
    const trusts = this.host.httpAdapter.getInstance().get('trust proxy fn') as TrustsProxy;
    const userAgent = handshake.headers['user-agent'];
    return { ip: clientAddress(handshake, trusts), ...(userAgent !== undefined && { userAgent }) };
  }

  /** What the client's `connect_error` shows: the code as message, code and sentence as data. */
  private async refusal(error: unknown, address: string): Promise<Error> {
    const known =
      error instanceof CatalogueError ? await this.charged(error, address) : errors.internal({ cause: error });
    if (!(error instanceof CatalogueError)) this.log.error({ err: error }, 'a socket handshake failed');
    return Object.assign(new Error(known.code), { data: { code: known.code, message: known.message } });
  }

  /** Guessing costs here as over HTTP: the address pays for every wrong credential. */
  private async charged(error: CatalogueError, address: string): Promise<CatalogueError> {
    try {
      await this.limits.failures.take(addressKey(address));
      return error;
    } catch (limited) {
      return limited instanceof CatalogueError ? limited : error;
    }
  }
}

/** Tells the client why, and closes. Socket.IO itself has no reasons to give. */
function close(socket: ClientSocket, { code, message }: CatalogueError): void {
  socket.emit('credential:ended', { code, message });
  socket.disconnect(true);
}

function endOf({ credential }: Actor): CatalogueError {
  return credential.kind === 'session'
    ? errors.sessionRevoked()
    : errors.unauthenticated({ message: 'The API key does not hold any more.' });
}
