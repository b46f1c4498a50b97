import { createServer, type Server } from 'node:http';
import { WebSocketServer } from 'ws';
import type { BinaryNode, proto } from '../baileys.js';
import type { SessionChange } from '../changes.js';
import { registerAppStateIqs } from '../iq/app-state-iqs.js';
import { registerBusinessIqs } from '../iq/business-iqs.js';
import { registerCatalogIqs } from '../iq/catalog-iqs.js';
import { registerKeyIqs } from '../iq/key-iqs.js';
import { registerLinkIqs } from '../iq/link-iqs.js';
import { registerLoginIqs } from '../iq/login-iqs.js';
import { type OtherPictures, registerPictureIqs } from '../iq/picture-iqs.js';
import { registerProfileIqs } from '../iq/profile-iqs.js';
import { IqRefusal, IqRegistry } from '../iq/registry.js';
import { registerServiceIqs } from '../iq/service-iqs.js';
import { registerUsync } from '../iq/usync.js';
import type { LocalConnection } from '../load/local-connection.js';
import type { MediaHost } from '../media/host.js';
import type { NoiseAuthority } from '../wire/certificates.js';
import { type ConnectionEvents, type ConnectionOwner, WireConnection } from '../wire/connection.js';
import { closeServer, listen, type PortWish, portOf } from '../wire/listen.js';
import { loginFailure, notification, stanza } from '../wire/stanza.js';
import type { Account } from './account.js';
import { PrivacyTokens } from './accounts/privacy-tokens.js';
import { Profiles } from './accounts/profiles.js';
import { Calls } from './calls.js';
import { Companion } from './companion.js';
import type { Directory } from './directory.js';
import { tellDirty } from './dirty-bits.js';
import { LinkedSession, type SessionServices } from './linked-session.js';
import { Linking } from './linking.js';
import { makeRooms, registerRoomIqs } from './make-rooms.js';
import type { Counters, StanzaLog } from './observation.js';
import { Policies } from './policies.js';
import { Presence } from './presence.js';
import type { Problems } from './problems.js';
import { Receipts } from './receipts.js';
import type { Rooms } from './rooms.js';
import { Router } from './router.js';

/** A frame gives its length in three bytes. */
const MAX_FRAME_BYTES = 16 * 1024 * 1024 + 1024;
/** Several times what the fastest client sends. */
const FLOOD_PER_SECOND = 20_000;
/** Namespaces of questions that change what is saved of groups and newsletters, and of an account. */
const ROOM_CHANGES = new Set(['w:g2', 'w:mex', 'newsletter']);
const ACCOUNT_CHANGES = new Set([
  ...['encrypt', 'privacy', 'blocklist', 'status', 'md', 'disappearing_mode'],
  ...['w:sync:app:state', 'w:profile:picture', 'w:biz', 'w:mex'],
]);
const NOBODY: ConnectionOwner = { take: () => undefined, closed: () => undefined };

export interface NetworkParts {
  authority: NoiseAuthority;
  directory: Directory;
  media: MediaHost;
  problems: Problems;
  counters: Counters;
  log: StanzaLog;
  /** A connection of a companion has begun or ended. */
  onSession(change: SessionChange): void;
  /** A companion has caught up after a login. */
  onCaughtUp(companion: Companion): void;
}

/** The server that clients connect to: accepts websockets, pairs new companions and logs known ones in. */
export class Network {
  readonly router: Router;
  readonly receipts: Receipts;
  readonly presence: Presence;
  /** Groups, communities, newsletters and the status. */
  readonly rooms: Rooms;
  readonly linking: Linking;
  readonly policies = new Policies();
  readonly profiles: Profiles;
  readonly tokens = new PrivacyTokens();
  readonly calls: Calls;
  private readonly http: Server;
  /** By which clients reach it. */
  private name = '127.0.0.1';
  private readonly sockets: WebSocketServer;
  private readonly services: SessionServices;
  private readonly sessions = new WeakMap<Companion, LinkedSession>();

  constructor(private readonly parts: NetworkParts) {
    const { directory, problems, counters } = parts;
    this.router = new Router(directory, problems, counters, this.policies);
    this.receipts = new Receipts(directory, problems, counters);
    this.presence = new Presence(directory);
    this.rooms = makeRooms({
      directory,
      counters,
      pictures: parts.media,
      router: this.router,
      receipts: this.receipts,
      presence: this.presence,
    });
    this.linking = new Linking(problems, directory, this.policies);
    this.profiles = new Profiles(directory, parts.media);
    this.calls = new Calls(directory, problems);
    this.services = {
      router: this.router,
      receipts: this.receipts,
      presence: this.presence,
      calls: this.calls,
      policies: this.policies,
      iqs: this.registry(),
      problems,
      counters,
      keep: (account, xmlns = '') => this.keep(account, xmlns),
      onSession: (change) => parts.onSession(change),
      onCaughtUp: (companion) => {
        tellDirty(companion);
        parts.onCaughtUp(companion);
      },
    };
    this.http = createServer((_request, response) => response.writeHead(404).end());
    this.sockets = new WebSocketServer({ server: this.http, perMessageDeflate: false, maxPayload: MAX_FRAME_BYTES });
    // It repeats the errors of the HTTP server, which `listen` answers for.
    this.sockets.on('error', () => undefined);
    this.sockets.on('connection', (socket, request) => {
      request.socket.setNoDelay(true);
      const events: ConnectionEvents = {
        onHandshake: (connection, payload, noiseKey) => this.admit(connection, payload, noiseKey),
        onViolation: ({ label }, kind, error) => problems.add(kind, label, error.message),
        stanzasPerSecond: this.policies.limits.stanzasPerSecond ?? FLOOD_PER_SECOND,
        onStanza: ({ label }, direction, node) => this.noteStanza(label, direction, node),
      };
      new WireConnection(socket, parts.authority, events, request.socket.remotePort);
    });
  }

  get url(): string {
    return `ws://${this.name}:${portOf(this.http)}/ws/chat`;
  }

  listen(wish: PortWish): Promise<number> {
    this.name = wish.name ?? this.name;
    return listen(this.http, wish);
  }

  async close(): Promise<void> {
    for (const socket of this.sockets.clients) socket.terminate();
    this.sockets.close();
    await closeServer(this.http);
  }

  /** Keeps a companion's prekeys stocked: a hint goes out when they run low. */
  watchKeys(companion: Companion): void {
    companion.keys.onLow = (left) => companion.deliver(notification('encrypt', [stanza('count', { value: left })]));
  }

  private admit(connection: WireConnection, payload: proto.ClientPayload, noiseKey: Buffer): ConnectionOwner {
    const registration = payload.devicePairingData;
    if (registration?.eIdent?.length) return this.linking.offer(connection, registration, noiseKey);
    const account = this.parts.directory.find(String(payload.username ?? ''));
    const companion = account?.devices.get(Number(payload.device ?? 0));
    if (!(companion instanceof Companion) || !companion.identity.noiseKey.equals(noiseKey)) {
      return this.refuse(connection, 401);
    }
    const failure = companion.faults.spendLoginFailure();
    if (failure !== undefined) return this.refuse(connection, failure);
    this.parts.counters.add('logins.accepted');
    const session = new LinkedSession(connection, companion, this.services);
    this.sessions.set(companion, session);
    session.begin(payload.passive === true);
    return session;
  }

  /** Logs a device in that connects from within the process. */
  openLocal(companion: Companion, connection: LocalConnection): void {
    const session = new LinkedSession(connection, companion, this.services);
    this.sessions.set(companion, session);
    connection.owner = session;
    session.begin(true);
  }

  /** Notes a stanza that goes over a connection. */
  noteStanza(label: string, direction: 'in' | 'out', node: BinaryNode): void {
    this.parts.log.add(direction, label, node);
    this.parts.directory.world.invariants.seen(label, node);
  }

  private keep(account: Account, xmlns: string): void {
    const { journal } = account.world;
    if (ROOM_CHANGES.has(xmlns)) journal?.rooms(this.rooms.snapshot());
    if (ACCOUNT_CHANGES.has(xmlns)) journal?.account(account, false);
  }

  private refuse(connection: WireConnection, reason: number): ConnectionOwner {
    this.parts.counters.add('logins.refused');
    connection.send(loginFailure(reason));
    connection.close();
    return NOBODY;
  }

  private roomPictures(): OtherPictures {
    const { groups } = this.rooms.groups;
    return {
      find: (jid, asker) => groups.seenBy(asker, jid).pictureId,
      change: (jid, image, { account }) => {
        // Refused before anything is kept.
        groups.editable(account, jid);
        const id = image && this.parts.media.putPicture(image);
        groups.setPicture(account, jid, id);
        return id;
      },
    };
  }

  private registry(): IqRegistry {
    const { directory, media, problems } = this.parts;
    const registry = new IqRegistry();
    registerLoginIqs(registry, ({ device }) => this.sessions.get(device)?.activate());
    registerKeyIqs(registry, directory);
    registerBusinessIqs(registry, directory);
    registerCatalogIqs(registry, directory);
    registerLinkIqs(registry, directory);
    registerProfileIqs(registry, directory, this.profiles, this.tokens);
    registerPictureIqs(registry, directory, this.profiles, this.roomPictures());
    registerServiceIqs(registry, () => ({ hostnames: media.hostnames, auth: media.auth }), this.policies);
    registerAppStateIqs(registry, problems);
    registerUsync(registry, directory);
    registerRoomIqs(registry, this.rooms, directory, media);
    registry.on('md', 'set', 'remove-companion-device', ({ device, child, after }) => {
      const target = directory.deviceAt(child?.attrs.jid);
      if (!(target instanceof Companion) || target.account !== device.account) {
        throw new IqRefusal(404, 'item-not-found');
      }
      after(() => {
        this.linking.remove(target, 'companion');
        target.link?.closeWith(428);
      });
      return undefined;
    });
    return registry;
  }
}
