import type { WASocket } from '@whiskeysockets/baileys';
import type { Dispatcher } from 'undici';
import type { InboundSink } from '../store.js';
import type { AccountFacts } from './account-facts.js';
import type { AddressBook } from './address-book.js';
import type { AuthState } from './auth-state.js';
import type { EngineLogger } from './baileys-logger.js';
import type { DurableStore } from './durable-store.js';

/** What an ability of the adapter works with. It outlives sockets: ask for the present one each time. */
export interface LiveSocket {
  /** The socket that is logged in now. @throws EngineError `not_connected` */
  socket(): WASocket;
  readonly book: AddressBook;
  readonly auth: AuthState;
  readonly store: DurableStore;
  readonly sink: InboundSink;
  /** Where facts go on their way to the sink. */
  readonly facts: AccountFacts;
  /** For files at WhatsApp's hosts: the connection's own way there. */
  readonly downloads: Dispatcher;
  readonly logger: EngineLogger;
}

/** A part of the adapter that listens to each new socket of the connection, before the socket connects. */
export interface SocketListener {
  attach(sock: WASocket): void;
}
