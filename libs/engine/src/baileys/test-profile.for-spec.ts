import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Person, Simulator } from '#simulator';
import { MemoryInboundSink, MemoryProfileStore, until } from '#testing';
import type { Address } from '../address.js';
import type { InboundAction, InboundMessage } from '../content.js';
import type { Connection, ConnectionObserver, ConnectionOptions, Engine, StateChange } from '../engine.js';
import type { EngineLogger } from './baileys-logger.js';
import type { HealthLimits } from './health/limits.js';
import { createBaileysEngine } from './index.js';

/** Says what an operator would see, only when a test asks for it. */
export const silentLogger: EngineLogger = {
  child: () => silentLogger,
  trace: () => undefined,
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};

/** An engine for a simulated network. The authority of its media host goes through a file, as in production. */
export function engineFor(
  simulator: Simulator,
  logger: EngineLogger = silentLogger,
  url = simulator.url,
  health?: Partial<HealthLimits>,
): Engine {
  const folder = mkdtempSync(join(tmpdir(), 'engine-spec-'));
  const caFile = join(folder, 'ca.pem');
  writeFileSync(caFile, simulator.caPem);
  try {
    return createBaileysEngine({ sandbox: { url, rootKeyHex: simulator.rootKeyHex, caFile }, logger, health });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Both forms of a simulated person's address. */
export const addressOf = (person: Person): Address => ({
  phone: person.number,
  lid: person.account.address('lid').split('@')[0]!,
});

/** One profile with its store, and the connection that uses it at the moment. */
export class TestProfile {
  readonly store = new MemoryProfileStore();
  readonly sink = new MemoryInboundSink(this.store);
  readonly changes: StateChange[] = [];
  readonly qrs: { text: string; expiresAt: Date; attempt: number }[] = [];
  connection!: Connection;

  constructor(
    private readonly engine: Engine,
    private readonly simulator: Simulator,
    readonly number: string,
    private readonly options: Omit<Partial<ConnectionOptions>, 'observer'> & {
      observer?: Partial<ConnectionObserver>;
    } = {},
  ) {
    this.reopen();
  }

  /** A new connection over the same store: what a restarted process does. */
  reopen(engine: Engine = this.engine): Connection {
    this.connection = engine.open({
      profileId: this.number,
      store: this.store,
      sink: this.sink,
      deviceName: 'Waypost',
      ...this.options,
      observer: {
        stateChanged: (change) => this.changes.push(change),
        qrChanged: (qr) => this.qrs.push(qr),
        ...this.options.observer,
      },
    });
    return this.connection;
  }

  get codes(): string[] {
    return this.changes.map(({ code }) => code);
  }

  /** Connects; scans the QR code when one is shown; resolves when connected. */
  async connect(): Promise<this> {
    const before = this.changes.length;
    const qrsBefore = this.qrs.length;
    this.connection.connect();
    const reached = () => this.changes.slice(before).some(({ code }) => code === 'connected');
    await until(() => reached() || this.qrs.length > qrsBefore, { what: `${this.number} to be connected or pairing` });
    if (!reached()) await this.simulator.scanQr(this.qrs.at(-1)!.text, this.number);
    await until(reached, { what: `${this.number} to be connected` });
    return this;
  }

  /** Resolves with the first message that matches. */
  receivedMessage(matches: (message: InboundMessage) => boolean): Promise<InboundMessage> {
    return until(() => [...this.sink.stored.values()].find(matches), { what: `${this.number} to receive a message` });
  }

  /** Resolves with the first action that matches. */
  receivedAction(matches: (action: InboundAction) => boolean): Promise<InboundAction> {
    return until(() => [...this.sink.actions.values()].find(matches), {
      what: `${this.number} to be told of an action`,
    });
  }

  async reached(code: string, withinMs = 10_000): Promise<void> {
    await until(() => this.codes.includes(code), { what: `${this.number} to reach ${code}`, withinMs });
  }

  async received(text: string): Promise<void> {
    await until(() => this.sink.texts.includes(text), { what: `${this.number} to receive "${text}"` });
  }
}

let lastId = 0;

/** An id as the product chooses them. */
export function messageId(): string {
  lastId += 1;
  return `3EB0${lastId.toString(16).toUpperCase().padStart(36, '0')}`;
}
