import { captureRejectionSymbol, EventEmitter } from 'node:events';
import makeWASocket, {
  type CacheStore,
  proto,
  type SocketConfig,
  type UserFacingSocketConfig,
  type WASocket,
} from '@whiskeysockets/baileys';
import type { DevicePlatform } from '../engine.js';
import type { AuthState } from './auth-state.js';
import type { SocketLogger } from './baileys-logger.js';
import type { DeviceLists } from './device-lists.js';
import type { GroupSends } from './groups/group-sends.js';
import { MemoryCache } from './memory-cache.js';
import type { ProfileNetwork } from './network-access.js';
import type { SentMessages } from './sent-messages.js';

const { HistorySyncType } = proto.HistorySync;
/** What we take of the history: names, addresses and privacy tokens; never the messages of old chats. */
const wantedHistory = new Set<number | null | undefined>([
  HistorySyncType.INITIAL_BOOTSTRAP,
  HistorySyncType.PUSH_NAME,
  HistorySyncType.NON_BLOCKING_DATA,
]);

/** As the library writes them: its `DeviceProps.PlatformType`, of which the phone shows the picture. */
const platformNames: Record<DevicePlatform, string> = {
  chrome: 'Chrome',
  firefox: 'Firefox',
  edge: 'Edge',
  safari: 'Safari',
  opera: 'Opera',
  desktop: 'Desktop',
};

const minuteMs = 60_000;

export interface SocketParts {
  auth: AuthState;
  network: ProfileNetwork;
  device: { name: string; platform: DevicePlatform };
  logger: SocketLogger;
  devices: DeviceLists;
  sent: Pick<SentMessages, 'find'>;
  caches: SocketCaches;
  /** Who is in a group, without a question to the server for each message. */
  groups: Pick<GroupSends, 'metadata'>;
  /** Stanzas of these chats are refused. */
  ignores(jid: string | undefined): boolean;
  /** Asks the phone for all that it has; told at linking. */
  wantsFullHistory: boolean;
  /** Resolves when what stanzas told until now is stored. */
  factsStored(): Promise<unknown>;
  makeSignalRepository: SocketConfig['makeSignalRepository'];
}

/** Counters that must outlive a socket, or retries would start anew with each reconnect. */
export class SocketCaches {
  readonly retries = new MemoryCache(2_000, 60 * minuteMs);
  readonly callOffers = new MemoryCache(200, 5 * minuteMs);
  readonly resendRequests = new MemoryCache(500, 60 * minuteMs);
}

/** The library's own keep-alive is left aside: ours (health/keep-alive.ts) measures, and the watchdog ends what is silent. */
const neverMs = 2 ** 31 - 1;

/** Opens one socket. Asks nothing of any server but WhatsApp's: no version look-up, no link previews. */
export function openSocket(parts: SocketParts): WASocket {
  const { auth, network, caches } = parts;
  const config: UserFacingSocketConfig = {
    auth: { creds: auth.creds, keys: auth.keysBeforeBaileys },
    makeSignalRepository: parts.makeSignalRepository,
    logger: parts.logger,
    browser: [parts.device.name, platformNames[parts.device.platform], ''],
    keepAliveIntervalMs: neverMs,
    // With a limit the library makes a timer and two stack traces for every frame that it sends, which is a twelfth of what
    // an inbound message costs. Our watchdog ends what does not open or has gone silent.
    connectTimeoutMs: 0,
    // Queries inside a transaction hold back the profile's other messages: not for a whole minute.
    defaultQueryTimeoutMs: 20_000,
    // The library waits so long after each message that it could not read, and those that follow wait with it.
    retryRequestDelayMs: 50,
    // Stays "unavailable", so that the phone goes on notifying its owner; see typing.ts.
    markOnlineOnConnect: false,
    emitOwnEvents: false,
    syncFullHistory: parts.wantsFullHistory,
    shouldIgnoreJid: (jid) => parts.ignores(jid),
    shouldSyncHistoryMessage: ({ syncType }) => wantedHistory.has(syncType),
    getMessage: async ({ id }) => (id ? parts.sent.find(id) : undefined),
    cachedGroupMetadata: (jid) => parts.groups.metadata(jid),
    userDevicesCache: parts.devices,
    msgRetryCounterCache: caches.retries,
    callOfferCache: afterFacts(caches.callOffers, parts.factsStored),
    placeholderResendCache: caches.resendRequests,
    options: { dispatcher: network.downloads } as unknown as RequestInit,
  };
  if (network.url) config.waWebSocketUrl = network.url;
  if (network.uploadAgent) config.fetchAgent = network.uploadAgent;
  if (network.socketAgent) config.agent = network.socketAgent as NonNullable<typeof config.agent>;
  return withCapturedRejections(() => makeWASocket(config), parts.logger);
}

/**
 * The library looks into this cache at each step of a call, before it acknowledges the stanza: a place to wait until what
 * the stanza told is stored.
 */
function afterFacts(cache: MemoryCache, factsStored: () => Promise<unknown>): CacheStore {
  return {
    get: async <T>(key: string) => {
      await factsStored();
      return cache.get<T>(key);
    },
    set: (key, value) => cache.set(key, value),
    del: (key) => cache.del(key),
    flushAll: () => cache.flushAll(),
  } as CacheStore;
}

/**
 * The library handles stanzas in async functions that nobody awaits. One that fails, because the socket closed under it,
 * would end the whole process as an unhandled rejection; on these emitters it is logged instead.
 */
function withCapturedRejections(make: () => WASocket, logger: SocketLogger): WASocket {
  const before = EventEmitter.captureRejections;
  EventEmitter.captureRejections = true;
  let sock: WASocket;
  try {
    sock = make();
  } finally {
    EventEmitter.captureRejections = before;
  }
  const failed = (error: unknown) => logger.warn({ err: error }, 'a handler of the library failed');
  Object.assign(sock.ws, { [captureRejectionSymbol]: failed });
  (sock.ev as unknown as EventEmitter).on('error', failed);
  return sock;
}
