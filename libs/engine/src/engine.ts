import type { Readable } from 'node:stream';
import type { ConnectionCode, MediaFacts, MediaKind } from '#contracts';
import type { Abilities } from './abilities/abilities.js';
import type { Address } from './address.js';
import type { ChatAddress } from './chat-address.js';
import type { MessageTarget, OutgoingAction, OutgoingContent, SendOptions } from './content.js';
import type { ContentCapabilities } from './content-capabilities.js';
import type { ConnectionHealth, Healing } from './health.js';
import type { HistoryWish, Listening } from './listening.js';
import type { ProxyRoute } from './proxy/proxy-route.js';
import type { InboundSink, ProfileStore } from './store.js';

/**
 * The port between the product and a chat network. The product core knows this file, never Baileys.
 *
 * To add an ability: a small interface in `abilities/` with contract comments and its table of methods, a line in
 * `abilities/abilities.ts`, its capability data, the adapter's part in a file of its own, a case in the conformance suite.
 */
export interface Engine {
  /** Prepares the connection of one profile. Nothing happens before `connect`. */
  open(options: ConnectionOptions): Connection;
}

export interface ConnectionOptions {
  profileId: string;
  store: ProfileStore;
  sink: InboundSink;
  observer: ConnectionObserver;
  /** The name WhatsApp shows in the phone's list of linked devices. Told at linking; a later change has no effect. */
  deviceName: string;
  /** What it shows itself as there; `chrome` when it is not said. */
  devicePlatform?: DevicePlatform;
  /** Everything of the connection goes through it, or nowhere. */
  proxy?: ProxyRoute;
  /** What it takes in. Absent: everything. */
  listening?: Listening;
  /** Every call that begins is refused at once; it is told all the same. */
  rejectsCalls?: boolean;
  /** How much of the phone's history it takes in. Absent: `none`. */
  history?: HistoryWish;
  /**
   * Waits until another socket may be opened: numbers share a pace. Resolves early when the signal aborts. `person` when
   * somebody waits in front of a screen. Absent: at once.
   */
  turn?(why: 'person' | 'network', signal: AbortSignal): Promise<void>;
  /** Steps that were taken lately for the connection before this one, so that healing cannot go round in circles. */
  healedBefore?: readonly Healing[];
  /** The pause that WhatsApp had asked for when the profile was held last; see `ConnectionObserver.pauseAsked`. */
  pause?: AskedPause;
}

/** WhatsApp wants no connection of this number for a while. */
export interface AskedPause {
  until: Date;
  /** How often in a row it was asked: the pauses grow. 0 for a ban with an end. */
  times: number;
}

/** What a linked device can show itself as. */
export const devicePlatforms = ['chrome', 'firefox', 'edge', 'safari', 'opera', 'desktop'] as const;
export type DevicePlatform = (typeof devicePlatforms)[number];

/** Told about the connection's life, in order. Implementations must not throw. */
export interface ConnectionObserver {
  stateChanged(change: StateChange): void;
  /** A QR code is waiting. A new one replaces it. */
  qrChanged(qr: { text: string; expiresAt: Date; attempt: number }): void;
  /** WhatsApp asked for a pause, which outlives this process; null: it let the number in again. */
  pauseAsked?(pause: AskedPause | null): void;
  /** WhatsApp refuses messages of this number that open chats (463), until then if it says when; null: no longer. */
  timeLockChanged?(lock: { until: Date | null } | null): void;
  /** What is found about the connection is something else than before. */
  healthChanged?(health: ConnectionHealth): void;
  /** A step was taken because something was found. */
  healed?(healing: Healing): void;
  /** What this connection has in memory may be damaged: close it and open another over the same store. */
  recreate?(): void;
  /** The time of one round trip, for statistics over many connections. */
  measured?(what: 'ping' | 'ack', ms: number): void;
}

export interface StateChange {
  code: ConnectionCode;
  /** Set once the device is linked. */
  self?: { address: Address; pushName: string | null };
  /** For diagnosis: the network's own words. Never shown as the sentence. */
  detail?: string;
}

/** One linked WhatsApp number. Safe to call concurrently. */
export interface Connection {
  readonly capabilities: Capabilities;
  /** What it can do besides messages; an ability that the engine does not have is absent. */
  readonly abilities: Partial<Abilities>;
  /**
   * Starts connecting and returns at once. Never throws for network reasons: progress and trouble are reported to the
   * observer, because they can come at any time. Reconnects by itself without limit, with capped back-off and jitter,
   * until `close` or a definite logout.
   */
  connect(): void;
  /** Stops the socket, keeps the link. Resolves when nothing more will be written. Safe to call twice. */
  close(): Promise<void>;
  /** Ends the link on WhatsApp's side, then closes. The phone no longer lists the device. */
  logout(): Promise<void>;
  /**
   * Asks for an eight-character code that the owner of `phone` types into WhatsApp instead of scanning. Needs an
   * unlinked profile that is pairing; resolves when the server holds the request.
   */
  requestPairingCode(phone: string): Promise<string>;
  /**
   * Sends under the given WhatsApp id and waits for the server's acknowledgement. Calling again with the same id and
   * content is safe: the recipient sees one message.
   * @throws EngineError with `outcome: 'unknown'` when it was on the wire and no answer came.
   */
  send(to: ChatAddress, content: OutgoingContent, options: SendOptions): Promise<{ acknowledgedAt: Date }>;
  /**
   * Does something to a message that is there, under an id of its own; as `send` otherwise. A vote or an answer to an
   * event needs the secret of its target (`ProfileStore.findSecret`).
   * @throws EngineError as `send`; `target_unknown` when the secret is not known here
   */
  act(chat: ChatAddress, action: OutgoingAction, options: SendOptions): Promise<{ acknowledgedAt: Date }>;
  /** Tells the authors, and the account's other devices, that these messages of others were read. */
  markRead(chat: ChatAddress, messages: Pick<MessageTarget, 'waMessageId' | 'author'>[]): Promise<void>;
  /** Shows or ends "typing…" or "recording…" in the chat. WhatsApp forgets it after some 25 seconds. */
  setTyping(chat: ChatAddress, state: 'composing' | 'recording' | 'paused'): Promise<void>;
  /**
   * Fetches and decrypts the media that a `download` token of an inbound message names, verified by its hashes: the
   * stream fails at its end when they do not fit.
   * @throws EngineError `media_expired` (WhatsApp's hosts no longer have it), `media_damaged`, `media_unavailable`
   */
  download(token: Uint8Array): Promise<Readable>;
  /**
   * Asks the phone of this account to upload the media of a message again. Resolves with a new token.
   * @throws EngineError `media_expired` (the phone does not have it either), `phone_silent` or `media_unavailable`
   * (worth another try), `not_connected`
   */
  renewMedia(token: Uint8Array, chat: ChatAddress, target: MessageTarget): Promise<Uint8Array>;
  /** What was measured, and what it means. */
  readonly health: ConnectionHealth;
}

/** What this engine can do and within which limits. Data, so that callers need no special cases. */
export interface Capabilities {
  maxTextLength: number;
  media: Record<MediaKind, { maxBytes: number; mimeTypes: readonly string[] | 'any' }>;
  /** What can be sent where, done to messages, and within which limits. See `assertSendable`. */
  content: ContentCapabilities;
}

export type { MediaFacts };

/** A failed call to the network, with what is known about its effect. */
export class EngineError extends Error {
  constructor(
    /** Stable, machine-readable: `not_connected`, `ack_timeout`, `rejected_463`, `recipient_not_on_whatsapp`, … */
    readonly code: string,
    message: string,
    readonly facts: {
      /** Whether a repeat under the same id may succeed. */
      retryable: boolean;
      /** `not_sent`: certainly nothing reached the server. `unknown`: it may have. */
      outcome: 'not_sent' | 'unknown';
      cause?: unknown;
    },
  ) {
    super(message, { cause: facts.cause });
    this.name = 'EngineError';
  }
}
