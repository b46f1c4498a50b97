import type { WASocket } from '@whiskeysockets/baileys';
import type { Abilities } from '../abilities/abilities.js';
import type { ConnectionOptions } from '../engine.js';
import type { TransferSlots } from '../transfer-slots.js';
import { type AccountParts, accountParts } from './account-abilities.js';
import { AccountFacts } from './account-facts.js';
import { Acknowledgements } from './acks.js';
import { AddressBook } from './address-book.js';
import { AuthState } from './auth-state.js';
import type { EngineLogger } from './baileys-logger.js';
import { DeviceLists } from './device-lists.js';
import { DurableStore } from './durable-store.js';
import { fileOf } from './forwarded-file.js';
import { type GroupParts, makeGroups } from './groups/group-parts.js';
import type { HealthMeter } from './health/meter.js';
import { HistoryReader } from './history/history-reader.js';
import { BaileysHistory } from './history/requests.js';
import { IdentityTeller } from './identity-teller.js';
import { ignoredChats } from './ignored-chats.js';
import { InboundReader } from './inbound-reader.js';
import { InboundRecorder } from './inbound-recorder.js';
import type { LimitedLog } from './limited-log.js';
import type { LiveSocket, SocketListener } from './live-socket.js';
import { askForMediaHosts } from './media-hosts.js';
import { MediaRenewals } from './media-renewals.js';
import { MediaUploads } from './media-uploads.js';
import { MessageSecrets } from './message-secrets.js';
import { Namings } from './namings.js';
import type { NetworkAccess, ProfileNetwork } from './network-access.js';
import { NewsletterPosts } from './newsletters/newsletter-posts.js';
import { Persistence } from './persistence.js';
import { PlainMessages } from './plain-messages.js';
import { BaileysPresence } from './presence.js';
import { ReceiptRecorder } from './receipts.js';
import { Recipients } from './recipients.js';
import { notConnected, Sender } from './sender.js';
import { SentMessages } from './sent-messages.js';
import { TimeLocks } from './time-locks.js';

/** What outlives the sockets of a connection: its state, what comes in, what goes out, and its abilities. */
export interface ConnectionParts {
  store: DurableStore;
  persistence: Persistence;
  auth: AuthState;
  book: AddressBook;
  ways: ProfileNetwork;
  /** What comes in. */
  recorder: InboundRecorder;
  history: HistoryReader;
  receipts: ReceiptRecorder;
  facts: AccountFacts;
  ignores: (jid: string | undefined) => boolean;
  /** Parts that listen to every new socket. */
  listeners: SocketListener[];
  renewals: MediaRenewals;
  settings: AccountParts['settings'];
  /** What goes out. */
  sender: Sender;
  sent: SentMessages;
  acks: Acknowledgements;
  devices: DeviceLists;
  namings: Namings;
  groupSends: GroupParts['sends'];
  abilities: Abilities;
}

/** What the parts ask of the connection that they belong to. */
export interface ConnectionGround {
  network: NetworkAccess;
  uploadSlots: TransferSlots;
  logger: EngineLogger;
  limited: LimitedLog;
  meter: HealthMeter;
  /** Aborted when the connection closes. */
  signal: AbortSignal;
  /** The socket that is logged in. @throws EngineError `not_connected` */
  openSocket(): WASocket;
  /** The present socket, logged in or not; null when there is none. */
  socketInMaking(): WASocket | null;
  leaseLost(): void;
  storeUnavailable(): void;
}

/** Makes the parts of a connection and joins them. Nothing happens before they are used. */
export function connectionParts(options: ConnectionOptions, ground: ConnectionGround): ConnectionParts {
  const { sink } = options;
  const { logger, openSocket, leaseLost } = ground;
  const store = new DurableStore(options.store, {
    leaseLost,
    unavailable: (error) => {
      logger.error({ err: error }, 'the store failed for too long; closing the socket until it works again');
      ground.storeUnavailable();
    },
  });
  const persistence = new Persistence({
    leaseLost,
    failed: (what, error, failures) => ground.limited.warn({ err: error, failures }, `${what} failed; trying again`),
  });
  const ways = ground.network.forProfile(async () => {
    const socket = ground.socketInMaking();
    if (!socket) throw notConnected();
    return (await askForMediaHosts(socket)).hosts[0]!;
  }, options.proxy);
  const { downloads } = ways;
  const identities = new IdentityTeller(sink, persistence);
  const auth = new AuthState(store, (pairs) => identities.tell(pairs));
  const book = new AddressBook(auth.keys);
  const facts = new AccountFacts(sink, book, persistence);
  const sent = new SentMessages(store);
  const secrets = new MessageSecrets(store, sent);
  const ignores = ignoredChats(options.listening ?? {});
  const wish = options.history ?? 'none';
  const history = new HistoryReader({ sink, facts, auth, book, downloads, persistence, logger, wish });
  const reader = new InboundReader(book, secrets, options.listening);
  const recorder = new InboundRecorder(sink, store, reader, persistence, facts, (notice) => history.add(notice));
  const receipts = new ReceiptRecorder(sink, book, persistence, ignores);
  const acks = new Acknowledgements(undefined, ground.meter);
  const devices = new DeviceLists(auth.keys);
  const live: LiveSocket = { socket: openSocket, book, auth, store, sink, facts, downloads, logger };
  const account = accountParts(live, { rejectsCalls: () => options.rejectsCalls === true });
  const presence = new BaileysPresence(live);
  const { sends: groupSends, listener: groupListener, ...groupAbilities } = makeGroups(live);
  const namings = new Namings(groupSends);
  const renewals = new MediaRenewals(live);
  const plain = new PlainMessages({
    store,
    me: () => auth.me,
    ignores,
    journalled: (stanza) => recorder.add({ stanza }),
  });
  const uploads = new MediaUploads({
    openSocket,
    store,
    agent: ways.uploadAgent,
    slots: ground.uploadSlots,
    profileId: options.profileId,
    signal: ground.signal,
  });
  const sender = new Sender({
    openSocket,
    me: () => auth.me,
    acks,
    sent,
    recipients: new Recipients(devices, groupSends),
    namings,
    secrets,
    posts: new NewsletterPosts(uploads),
    files: {
      upload: (kind, source) => uploads.upload(kind, source),
      find: (download, media) => fileOf(download, media, downloads),
    },
  });
  return {
    store,
    persistence,
    auth,
    book,
    ways,
    recorder,
    history,
    receipts,
    facts,
    ignores,
    listeners: [...account.listeners, presence, groupListener, renewals, plain, new TimeLocks(options.observer)],
    renewals,
    settings: account.settings,
    sender,
    sent,
    acks,
    devices,
    namings,
    groupSends,
    abilities: { ...account.abilities, presence, history: new BaileysHistory(live, namings), ...groupAbilities },
  };
}
