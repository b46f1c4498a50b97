import {
  type BinaryNode,
  type ConnectionState,
  getBinaryNodeChild,
  getBinaryNodeChildren,
  type WASocket,
} from '@whiskeysockets/baileys';
import { proxyFailureIn } from '../proxy/proxy-failure.js';
import type { AccountFacts } from './account-facts.js';
import type { AuthState } from './auth-state.js';
import { KeepAlive } from './health/keep-alive.js';
import type { HealthMeter } from './health/meter.js';
import type { InboundCiphers } from './journal.js';
import type { ReceiptRecorder } from './receipts.js';
import type { Ending } from './reconnect-policy.js';
import { terminate, Watchdog } from './watchdog.js';
import { commitBeforeWire } from './wire-order.js';

/** What one socket tells. After its end it tells nothing more, so an old socket cannot change the state of a new one. */
export interface SessionEvents {
  /** A QR code to show; the nth of this socket, counted from 1. */
  qr(text: string, attempt: number): void;
  /** The phone accepted this device; a new login follows. */
  linked(): void;
  /** Logged in. */
  opened(): void;
  credentialsChanged(): void;
  /** The server's answer to a message of ours. */
  messageAck(node: BinaryNode): void;
  chatState(node: BinaryNode): void;
  /** A message that arrived without anything to decrypt. */
  contentless(attrs: Record<string, string>, reason: string): void;
}

export interface SessionParts {
  auth: AuthState;
  ciphers: InboundCiphers;
  receipts: ReceiptRecorder;
  facts: AccountFacts;
  meter: HealthMeter;
}

/** One socket from its opening to its end. */
export class SocketSession {
  /** Resolves once, with the reason. */
  readonly ended: Promise<Ending>;
  isOpen = false;
  /** By the monotonic clock. */
  openedAt: number | null = null;
  openSince: Date | null = null;
  lastStanzaAt: Date | null = null;
  justLinked = false;
  private isLive = true;
  private attempts = 0;
  private givenUp: string | null = null;
  private readonly watchdog: Watchdog;
  private readonly keepAlive: KeepAlive;
  private bufferHeldSince: number | null = null;

  constructor(
    readonly sock: WASocket,
    private readonly parts: SessionParts,
    private readonly events: SessionEvents,
  ) {
    this.watchdog = new Watchdog(sock, (reason) => this.end(reason));
    this.keepAlive = new KeepAlive(
      () => ask(sock, 'w:p', 'ping'),
      (ms) => parts.meter.pinged(ms),
    );
    this.listenToStanzas();
    this.orderBeforeAcks();
    this.timeProcessing();
    commitBeforeWire(sock, parts.auth.keys, () => this.kill('what was to be told could not be committed'));
    sock.ev.on('creds.update', () => this.events.credentialsChanged());
    this.ended = new Promise((resolve) => {
      sock.ev.on('connection.update', (update) => {
        if (update.connection === 'close') resolve(this.closed(update));
        else if (this.isLive) this.progress(update);
      });
    });
  }

  /** True once the server offered QR codes: then a pairing code may be asked for too. */
  get isPairing(): boolean {
    return this.isLive && this.attempts > 0 && !this.parts.auth.isLinked;
  }

  /** Closes the socket; nothing is sent any more from this moment on. `ended` resolves when it is closed. */
  end(reason: string): void {
    if (!this.isLive) return;
    this.givenUp = reason;
    this.isLive = false;
    this.isOpen = false;
    void this.sock.end(undefined);
  }

  /** Asks WhatsApp how many pre-keys it has of this device: more than a ping, whose answer proves the wire alone. */
  probe(): Promise<boolean> {
    return ask(this.sock, 'encrypt', 'count').then(
      () => true,
      () => false,
    );
  }

  /** For how long the library has held back events without a break, as far as it was looked at. */
  get bufferHeldMs(): number | null {
    if (!this.isOpen || !this.sock.ev.isBuffering()) this.bufferHeldSince = null;
    else this.bufferHeldSince ??= performance.now();
    return this.bufferHeldSince === null ? null : performance.now() - this.bufferHeldSince;
  }

  /** Lets go of what the library holds back. */
  flush(): void {
    this.sock.ev.flush();
    this.bufferHeldSince = null;
  }

  /** Like `end`, without waiting for the other side. */
  kill(reason: string): void {
    this.end(reason);
    terminate(this.sock);
  }

  private listenToStanzas(): void {
    const { ws } = this.sock;
    ws.on('frame', () => {
      this.lastStanzaAt = new Date();
      this.watchdog.frameArrived();
    });
    // Before the library's own listeners: it must find these prepared.
    ws.prependListener('CB:message', (node: BinaryNode) => {
      if (!this.isLive) return;
      this.parts.meter.arrived('message');
      this.parts.ciphers.register(node);
      const reason = whyContentless(node);
      if (reason) this.events.contentless(node.attrs, reason);
    });
    ws.prependListener('CB:receipt', (node: BinaryNode) => {
      if (!this.isLive) return;
      this.parts.meter.arrived('receipt');
      if (node.attrs.type === 'retry') this.parts.meter.retriesAsked += 1;
      this.parts.receipts.take(node, this.parts.auth.me);
    });
    ws.on('CB:notification', () => this.parts.meter.arrived('notification'));
    ws.on('CB:ack,class:message', (node: BinaryNode) => this.events.messageAck(node));
    ws.on('CB:chatstate', (node: BinaryNode) => {
      if (this.isLive) this.events.chatState(node);
    });
  }

  /** Puts our parts into locks of the library, whose objects are shared by all its layers. */
  private orderBeforeAcks(): void {
    const { receiptMutex, notificationMutex, devicesMutex } = this.sock;
    const inReceiptOrder = receiptMutex.mutex.bind(receiptMutex);
    // The library acknowledges a receipt when this returns, whether it succeeded or not.
    receiptMutex.mutex = async (work) => {
      await this.parts.receipts.stored();
      return inReceiptOrder(work);
    };
    // A notification likewise: what it told was added by a listener when the stanza came in.
    const inNotificationOrder = notificationMutex.mutex.bind(notificationMutex);
    notificationMutex.mutex = async (work) => {
      await this.parts.facts.stored();
      return inNotificationOrder(work);
    };
    // Its own lock is taken inside transactions and around them: with one lock for all transactions that is a deadlock.
    devicesMutex.mutex = (work) => this.parts.auth.keys.transaction(async () => work(), 'devices');
  }

  /** The library processes messages one after another; one that hangs holds up all that follow. */
  private timeProcessing(): void {
    const { messageMutex } = this.sock;
    const inMessageOrder = messageMutex.mutex.bind(messageMutex);
    messageMutex.mutex = (work) =>
      inMessageOrder(async () => {
        const ended = this.parts.meter.processing();
        try {
          return await work();
        } finally {
          // What it brought may still be on its way to the store.
          const { uncommitted } = this.parts.auth.keys;
          if (uncommitted) uncommitted.then(ended, ended);
          else ended();
        }
      });
    // What was collected while the library buffered comes out as one event.
    this.sock.ev.process(() => {
      if (!this.sock.ev.isBuffering()) this.bufferHeldSince = null;
    });
  }

  private progress(update: Partial<ConnectionState>): void {
    if (update.qr) {
      this.attempts += 1;
      this.watchdog.loginEnded();
      this.keepAlive.start();
      this.events.qr(update.qr, this.attempts);
    }
    if (update.isNewLogin) {
      this.justLinked = true;
      this.events.linked();
    }
    if (update.connection === 'open') {
      this.isOpen = true;
      this.openedAt = performance.now();
      this.openSince = new Date();
      this.watchdog.loginEnded();
      this.keepAlive.start();
      this.events.opened();
    }
  }

  private closed({ lastDisconnect }: Partial<ConnectionState>): Ending {
    this.isLive = false;
    this.isOpen = false;
    this.watchdog.stop();
    this.keepAlive.stop();
    if (this.givenUp !== null) return { statusCode: null, message: this.givenUp };
    return endingOf(lastDisconnect?.error);
  }
}

const server = 's.whatsapp.net';

function ask(sock: WASocket, xmlns: string, tag: string): Promise<unknown> {
  const attrs = { id: sock.generateMessageTag(), to: server, type: 'get', xmlns };
  return sock.query({ tag: 'iq', attrs, content: [{ tag, attrs: {} }] });
}

/** Reads a Boom error, without importing the package. */
function endingOf(error: unknown): Ending {
  const { output, data, message } = (error ?? {}) as {
    output?: { statusCode?: number };
    data?: { expire?: string };
    message?: string;
  };
  const proxy = proxyFailureIn(error);
  if (proxy) return { statusCode: null, message: proxy.message, proxy: proxy.kind };
  const expire = Number(data?.expire);
  return {
    statusCode: output?.statusCode ?? null,
    message: message ?? 'closed',
    ...(expire > 0 ? { expireSeconds: expire } : {}),
  };
}

function whyContentless(node: BinaryNode): string | null {
  const enc = getBinaryNodeChildren(node, 'enc');
  if (enc.some((each) => each.attrs.type === 'msmsg')) return 'of a kind that only the phone can read';
  if (enc.length > 0 || getBinaryNodeChild(node, 'plaintext')) return null;
  const unavailable = getBinaryNodeChild(node, 'unavailable');
  return unavailable
    ? `not available on linked devices (${unavailable.attrs.type ?? 'no reason'})`
    : 'sent without content';
}
