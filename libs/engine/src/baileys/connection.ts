import type { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import type { proto, WASocket } from '@whiskeysockets/baileys';
import type { ConnectionCode } from '#contracts';
import type { Abilities } from '../abilities/abilities.js';
import { whatsAppCapabilities } from '../capabilities.js';
import { type ChatAddress, toChatJid } from '../chat-address.js';
import type { MessageTarget, OutgoingAction, OutgoingContent, SendOptions, TypingFact } from '../content.js';
import { type Capabilities, type Connection, type ConnectionOptions, EngineError } from '../engine.js';
import type { ConnectionHealth } from '../health.js';
import type { TransferSlots } from '../transfer-slots.js';
import { backoffDelay } from './backoff.js';
import { baileysLogger, type EngineLogger } from './baileys-logger.js';
import { type ConnectionParts, connectionParts } from './connection-parts.js';
import { CredentialsUnreadable } from './credentials.js';
import type { HealingActs } from './health/healer.js';
import type { HealthLimits } from './health/limits.js';
import { HealthMonitor } from './health/monitor.js';
import { translateFailure } from './inbound-translation.js';
import { InboundCiphers } from './journal.js';
import { LimitedLog } from './limited-log.js';
import { leaveAccount } from './logout.js';
import { downloadMedia } from './media-download.js';
import type { NetworkAccess } from './network-access.js';
import { askForPairingCode, qrExpiry } from './pairing.js';
import { type Decision, decide, type Ending } from './reconnect-policy.js';
import { notConnected } from './sender.js';
import { makeJournallingRepository } from './signal-repository.js';
import { openSocket, SocketCaches } from './socket-factory.js';
import { type SessionEvents, SocketSession } from './socket-session.js';
import { Typing, typingFact } from './typing.js';
import { terminate } from './watchdog.js';

/** A connection that held for so long was good: the next back-off begins anew. */
const heldMs = 60_000;
const gracefulCloseMs = 1_000;
/** Longest wait for transactions that hang in a query of a socket that is closed. */
const transactionsMs = 2_000;

/** One profile's connection over Baileys: a sequence of sockets over one auth state. See `Connection`. */
export class BaileysConnection implements Connection {
  readonly capabilities: Capabilities = whatsAppCapabilities;
  readonly abilities: Abilities;
  private readonly parts: ConnectionParts;
  private readonly ciphers = new InboundCiphers();
  private readonly vitals: HealthMonitor;
  private readonly limited: LimitedLog;
  private readonly typing = new Typing();
  private readonly caches = new SocketCaches();
  private readonly stopping = new AbortController();
  private session: SocketSession | null = null;
  private life: Promise<void> | null = null;
  private closing: Promise<void> | null = null;
  private reported: { code: ConnectionCode; pushName: string | null } | null = null;
  private codeShown = false;
  private leaving = false;
  private failures = 0;
  private throttled: number;
  /** The holder keeps a pause that WhatsApp asked for. */
  private isPauseKept: boolean;
  private lastStanzaAt: Date | null = null;

  constructor(
    private readonly options: ConnectionOptions,
    network: NetworkAccess,
    private readonly logger: EngineLogger,
    limits: HealthLimits,
    uploadSlots: TransferSlots,
  ) {
    this.limited = new LimitedLog(logger);
    this.throttled = options.pause?.times ?? 0;
    this.isPauseKept = options.pause !== undefined;
    this.vitals = this.monitor(limits);
    this.parts = connectionParts(options, {
      network,
      uploadSlots,
      logger,
      limited: this.limited,
      meter: this.vitals.meter,
      signal: this.stopping.signal,
      openSocket: () => this.openSocket(),
      socketInMaking: () => this.session?.sock ?? null,
      leaseLost: () => this.leaseLost(),
      storeUnavailable: () => this.session?.end('the store is unavailable'),
    });
    this.abilities = this.parts.abilities;
  }

  connect(): void {
    if (this.life || this.closing) return;
    this.life = this.live()
      .catch((error) => {
        if (!this.closing) this.logger.error({ err: error }, 'the connection ended by an error');
      })
      .finally(() => {
        this.life = null;
      });
  }

  close(): Promise<void> {
    this.closing ??= this.closeNow();
    return this.closing;
  }

  async logout(): Promise<void> {
    const sock = this.openSocket();
    const session = this.session!;
    this.leaving = true;
    try {
      await leaveAccount(sock, session.ended, this.parts.auth.me.id);
    } catch (error) {
      this.leaving = false;
      if (!session.isOpen) {
        await this.life;
        this.connect();
      }
      throw error;
    }
    session.end('logged out');
    await this.life;
    await this.parts.auth.reset();
    this.report('logged_out_by_user');
    await this.close();
    // What was being written when the link ended (settings of the phone, say) has come after the reset.
    await this.options.store.reset();
  }

  async requestPairingCode(phone: string): Promise<string> {
    const { session } = this;
    if (!session?.isPairing) {
      throw new EngineError('not_pairing', 'The profile is not waiting to be linked.', {
        retryable: true,
        outcome: 'not_sent',
      });
    }
    this.codeShown = true;
    const code = await askForPairingCode(session.sock, phone);
    this.report('waiting_for_code');
    return code;
  }

  send(to: ChatAddress, content: OutgoingContent, options: SendOptions): Promise<{ acknowledgedAt: Date }> {
    return this.parts.sender.send(to, content, options);
  }

  act(chat: ChatAddress, action: OutgoingAction, options: SendOptions): Promise<{ acknowledgedAt: Date }> {
    return this.parts.sender.act(chat, action, options);
  }

  async markRead(chat: ChatAddress, messages: Pick<MessageTarget, 'waMessageId' | 'author'>[]): Promise<void> {
    const remoteJid = toChatJid(chat);
    const name = await this.parts.namings.of(chat);
    const keys = messages.map(({ waMessageId, author }) => ({
      remoteJid,
      id: waMessageId,
      fromMe: false,
      ...(chat.kind !== 'user' && author ? { participant: name(author) } : {}),
    }));
    await this.openSocket().readMessages(keys);
  }

  async setTyping(chat: ChatAddress, state: TypingFact['state']): Promise<void> {
    await this.typing.show(this.openSocket(), chat, state);
  }

  download(token: Uint8Array): Promise<Readable> {
    return downloadMedia(token, this.parts.ways.downloads);
  }

  renewMedia(token: Uint8Array, chat: ChatAddress, target: MessageTarget): Promise<Uint8Array> {
    return this.parts.renewals.renew(token, chat, target);
  }

  get health(): ConnectionHealth {
    return this.vitals.read();
  }

  /** From the first socket to the end that only a person, or `close`, can bring. */
  private async live(): Promise<void> {
    this.report('connecting');
    this.vitals.start();
    if (!(await this.loadCredentials())) return;
    this.parts.recorder.start();
    await this.keepAskedPause();
    while (!this.closing) {
      const isWatched = !this.parts.auth.isLinked || this.session?.justLinked === true;
      await this.options.turn?.(isWatched ? 'person' : 'network', this.stopping.signal);
      if (this.closing) return;
      const delayMs = await this.oneSocket();
      if (delayMs === null || this.closing) return;
      await this.pause(delayMs);
    }
  }

  /** One socket and what follows from its end: milliseconds until the next one, or null when there is none. */
  private async oneSocket(): Promise<number | null> {
    try {
      if (!this.parts.auth.isLinked) this.parts.auth.beginPairing();
      const ending = await this.runSocket();
      return this.closing || this.leaving ? null : await this.afterEnding(ending);
    } catch (error) {
      if (this.closing) return null;
      this.logger.error({ err: error }, 'a socket ended by an error of ours; trying again');
      this.failures += 1;
      this.report(this.parts.auth.isLinked ? 'connection_lost' : 'connecting', String(error));
      return backoffDelay(this.failures, 1_000, 60_000);
    }
  }

  private async loadCredentials(): Promise<boolean> {
    for (let failures = 0; !this.closing; failures += 1) {
      try {
        await this.parts.auth.load();
        return true;
      } catch (error) {
        if (error instanceof CredentialsUnreadable) {
          this.report('credentials_unreadable', error.message);
          return false;
        }
        if (this.parts.store.isClosed) return false;
        this.logger.warn({ err: error }, 'the credentials could not be loaded; trying again');
        await this.pause(backoffDelay(failures, 1_000, 60_000));
      }
    }
    return false;
  }

  private async runSocket(): Promise<Ending> {
    const { ciphers } = this;
    const { auth, receipts, facts } = this.parts;
    const { meter } = this.vitals;
    const sock = openSocket({
      auth,
      network: this.parts.ways,
      device: { name: this.options.deviceName, platform: this.options.devicePlatform ?? 'chrome' },
      logger: baileysLogger(this.logger),
      devices: this.parts.devices,
      sent: { find: (id) => this.sentBefore(id) },
      caches: this.caches,
      factsStored: () => facts.stored(),
      ignores: this.parts.ignores,
      wantsFullHistory: this.options.history === 'full',
      groups: this.parts.groupSends,
      makeSignalRepository: makeJournallingRepository({
        keys: auth.keys,
        store: this.parts.store,
        ciphers,
        me: () => auth.me,
        committing: (stanza) => this.parts.settings.takeKeys(stanza),
        events: {
          decrypted: (stanza) => {
            meter.decrypted.add();
            this.parts.recorder.add({ stanza });
          },
          undecryptable: (cipher, reason) => this.undecryptable(cipher.attrs, reason),
          servedFromJournal: (cipher) =>
            this.logger.debug({ waMessageId: cipher.attrs.id }, 'a redelivery was served from the journal'),
        },
      }),
    });
    this.codeShown = false;
    const session = new SocketSession(sock, { auth, ciphers, receipts, facts, meter }, this.sessionEvents());
    for (const listener of this.parts.listeners) listener.attach(sock);
    this.session = session;
    const ending = await session.ended;
    this.lastStanzaAt = session.lastStanzaAt ?? this.lastStanzaAt;
    this.parts.acks.connectionClosed();
    meter.socketEnded();
    this.typing.reset();
    const held = session.openedAt !== null && performance.now() - session.openedAt > heldMs;
    this.failures = held || session.justLinked ? 0 : this.failures + 1;
    this.logger.debug({ ending }, 'the socket ended');
    return ending;
  }

  /** Reports what the ending means; returns as `oneSocket` does. */
  private async afterEnding(ending: Ending): Promise<number | null> {
    const decision = decide(ending, {
      isLinked: this.parts.auth.isLinked,
      justLinked: this.session?.justLinked === true,
      failures: this.failures,
      throttled: this.throttled,
    });
    if (decision.kind === 'stop') {
      if (decision.endsLink) await this.parts.auth.ended();
      this.report(decision.code, ending.message);
      return null;
    }
    if (decision.isAsked) this.noteAskedPause(decision);
    this.report(decision.code, ending.message);
    // The new link must be on disk before anything builds on it.
    if (this.session?.justLinked) await this.parts.auth.changed();
    if (!this.session?.justLinked) this.vitals.meter.reconnects.add();
    return decision.delayMs;
  }

  private sessionEvents(): SessionEvents {
    return {
      qr: (text, attempt) => {
        if (this.codeShown) return;
        this.report('waiting_for_scan');
        this.options.observer.qrChanged({ text, attempt, expiresAt: qrExpiry(attempt) });
      },
      linked: () => this.report('pairing_accepted'),
      opened: () => {
        this.letIn();
        this.reportConnected();
      },
      credentialsChanged: () => {
        this.parts.auth.changed().catch((error) => this.logger.debug({ err: error }, 'credentials were not written'));
        if (this.session?.isOpen) this.reportConnected();
      },
      messageAck: (node) => this.parts.acks.take(node),
      chatState: (node) => void this.tellTyping(typingFact(node)),
      contentless: (attrs, reason) => void this.undecryptable(attrs, reason),
    };
  }

  private monitor(limits: HealthLimits): HealthMonitor {
    const { observer } = this.options;
    const again = (reason: string) => this.session?.end(`not healthy: ${reason}`);
    const acts: HealingActs = {
      flush: () => this.session?.flush(),
      probe: async () => (await this.session?.probe()) ?? false,
      reconnect: again,
      recreate: (reason) => (observer.recreate ? observer.recreate() : again(reason)),
    };
    const socket = () => ({
      isOpen: this.session?.isOpen === true,
      openSince: (this.session?.isOpen && this.session.openSince) || null,
      lastStanzaAt: this.session?.lastStanzaAt ?? this.lastStanzaAt,
      bufferHeldMs: this.session?.bufferHeldMs ?? null,
    });
    return new HealthMonitor({ limits, healedBefore: this.options.healedBefore ?? [] }, socket, acts, {
      changed: (health) => observer.healthChanged?.(health),
      healed: (healing) => {
        this.logger.warn(healing, 'a step was taken because the connection did not work');
        observer.healed?.(healing);
      },
      measured: (what, ms) => observer.measured?.(what, ms),
    });
  }

  private async sentBefore(waMessageId: string): Promise<proto.IMessage | undefined> {
    const message = await this.parts.sent.find(waMessageId);
    if (message) this.vitals.meter.retriesAnswered += 1;
    return message;
  }

  /** What WhatsApp asked a former holder of this profile. */
  private async keepAskedPause(): Promise<void> {
    const ms = (this.options.pause?.until.getTime() ?? 0) - Date.now();
    if (ms <= 0 || !this.parts.auth.isLinked) return;
    this.report(this.throttled > 0 ? 'rate_limited' : 'account_restricted');
    await this.pause(ms);
  }

  private noteAskedPause(decision: Extract<Decision, { kind: 'retry' }>): void {
    if (decision.code === 'rate_limited') this.throttled += 1;
    this.isPauseKept = true;
    const until = new Date(Date.now() + decision.delayMs);
    this.options.observer.pauseAsked?.({ until, times: this.throttled });
  }

  private letIn(): void {
    if (this.isPauseKept) this.options.observer.pauseAsked?.(null);
    this.isPauseKept = false;
    this.throttled = 0;
  }

  private async tellTyping(fact: TypingFact | null): Promise<void> {
    if (!fact || this.parts.ignores(toChatJid(fact.chat))) return;
    try {
      await this.options.sink.typing({
        ...fact,
        chat: await this.parts.book.completeChat(fact.chat),
        by: await this.parts.book.complete(fact.by),
      });
    } catch (error) {
      // Gone in seconds anyway: not worth a repeat.
      this.logger.debug({ err: error }, 'a typing notice was dropped');
    }
  }

  private async undecryptable(attrs: Record<string, string>, reason: string): Promise<void> {
    this.vitals.meter.decryptFailures.add();
    const { recent, total } = this.vitals.meter.decryptFailures;
    this.limited.warn({ reason, recent, total }, 'a message could not be decrypted');
    const message = this.parts.ignores(attrs.from) ? null : translateFailure(attrs, this.parts.auth.me, reason);
    if (message) await this.parts.recorder.addUnjournalled(message);
  }

  private report(code: ConnectionCode, detail?: string): void {
    if (this.closing && code !== 'logged_out_by_user' && code !== 'handed_over') return;
    if (this.reported?.code === code) return;
    this.reported = { code, pushName: null };
    this.options.observer.stateChanged({ code, ...(detail ? { detail } : {}) });
  }

  /** Only when logged in as somebody; again when the name became known. */
  private reportConnected(): void {
    const { self } = this.parts.auth;
    if (!self || this.closing) return;
    if (this.reported?.code === 'connected' && this.reported.pushName === self.pushName) return;
    this.reported = { code: 'connected', pushName: self.pushName };
    this.options.observer.stateChanged({ code: 'connected', self });
  }

  private openSocket(): WASocket {
    const { session } = this;
    if (!session?.isOpen || this.parts.store.isClosed) throw notConnected();
    return session.sock;
  }

  /** Another host owns the profile: the socket goes at once, and nothing is written any more. */
  private leaseLost(): void {
    if (this.reported?.code === 'handed_over') return;
    this.parts.store.close('the lease was lost');
    this.parts.persistence.end();
    this.session?.kill('the lease was lost');
    this.report('handed_over');
    void this.close();
  }

  private async closeNow(): Promise<void> {
    this.stopping.abort();
    this.vitals.stop();
    this.parts.persistence.end();
    const { session } = this;
    session?.end('closed');
    const timer = setTimeout(() => session && terminate(session.sock), gracefulCloseMs);
    await this.life;
    clearTimeout(timer);
    await Promise.race([this.parts.auth.keys.idle(), delay(transactionsMs, undefined, { ref: false })]);
    this.parts.store.close('the connection was closed');
    await Promise.all([
      this.parts.store.settled(),
      this.parts.persistence.settled(),
      this.parts.recorder.idle(),
      this.parts.history.idle(),
      this.parts.facts.stored(),
    ]);
    this.parts.auth.forget();
  }

  private async pause(ms: number): Promise<void> {
    await delay(ms, undefined, { signal: this.stopping.signal }).catch(() => undefined);
  }
}
