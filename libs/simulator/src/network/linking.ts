import type { proto } from '../baileys.js';
import { wallClock } from '../time/clock.js';
import type { WireConnection } from '../wire/connection.js';
import { notification, stanza } from '../wire/stanza.js';
import type { Account } from './account.js';
import type { Companion } from './companion.js';
import type { Directory } from './directory.js';
import { type LinkingPhone, PairingSession } from './pairing-session.js';
import type { Policies } from './policies.js';
import type { Problems } from './problems.js';
import { WaitingClients } from './waiting-clients.js';

const CODE_WAIT_MS = 5_000;

/** Links companions to phones and unlinks them, and tells everybody whom it concerns. */
export class Linking {
  readonly waiting: WaitingClients;
  private readonly byRef = new Map<string, PairingSession>();
  private readonly byNumber = new Map<string, PairingSession>();
  private readonly codeWaiters = new Map<string, Set<() => void>>();

  constructor(
    private readonly problems: Problems,
    private readonly directory: Directory,
    private readonly policies: Policies,
  ) {
    this.waiting = new WaitingClients(directory.world.clock);
  }

  /** A client without a device: shows it the QR codes that a phone can scan. */
  offer(
    connection: WireConnection,
    data: proto.ClientPayload.IDevicePairingRegistrationData,
    noiseKey: Buffer,
  ): PairingSession {
    const session = new PairingSession(connection, data, noiseKey, this.directory.world, {
      allowsCode: (number) => !this.policies.refusesPairingCode(this.directory.ensure(number)),
      onCodeRequested: (one, number) => {
        this.byNumber.set(number, one);
        this.waiting.wantsCode(one, number);
        for (const wake of this.codeWaiters.get(number) ?? []) wake();
      },
      onRefs: (one, refs) => {
        for (const ref of refs) this.byRef.set(ref, one);
      },
      onPaired: (companion) => {
        this.keep(companion.account);
        this.announce(companion);
      },
      onReplay: (detail) => this.problems.add('replayed-pairing', connection.label, detail),
      onUnknown: (detail) => this.problems.add('unknown-stanza', connection.label, detail),
      onClosed: (one) => this.forget(one),
    });
    for (const ref of session.refs) this.byRef.set(ref, session);
    this.waiting.add(session, data);
    session.offerRefs();
    return session;
  }

  /** Shows the QR code of a client to every phone. Throws when no client that is connected shows this code. */
  show(qrText: string, label?: string): void {
    this.waiting.show(this.sessionOf(qrText), qrText, label);
  }

  /** The phone scans a QR code. Resolves with the new companion; rejects when the code is unknown or not its client's. */
  async scan(qrText: string, phone: LinkingPhone): Promise<Companion> {
    const [, , identity = '', secret = ''] = partsOf(qrText);
    const session = this.sessionOf(qrText);
    if (!Buffer.from(identity, 'base64').equals(session.identity)) {
      throw new Error('the QR code names another identity than the client that shows it');
    }
    this.policies.checkCompanions(phone.account);
    for (const used of session.refs) this.byRef.delete(used);
    this.waiting.remove(session);
    return session.complete(phone, Buffer.from(secret, 'base64'));
  }

  /** The owner types a pairing code into the phone. A code may be typed before the client's request has arrived. */
  async enterCode(code: string, phone: LinkingPhone): Promise<Companion> {
    const { number } = phone.account;
    this.policies.checkCompanions(phone.account);
    if (!this.byNumber.has(number)) await this.codeRequested(number);
    const session = this.byNumber.get(number);
    if (!session) throw new Error(`no client has asked for a pairing code for ${number}`);
    return session.enterCode(phone, code.replace(/[^A-Za-z0-9]/g, '').toUpperCase());
  }

  /** Ends a companion: `device_removed` when the phone did it; nothing more to say when the companion logged out. */
  remove(companion: Companion, by: 'phone' | 'companion'): void {
    companion.account.devices.delete(companion.number);
    companion.account.onChange?.();
    this.keep(companion.account);
    if (by === 'phone') companion.link?.closeWith(401);
    this.announce(companion);
    companion.account.onCompanionRemoved?.();
  }

  private keep(account: Account): void {
    account.world.journal?.account(account, false);
  }

  /** Devices of the account and of everybody it talks to forget their list of its devices. */
  private announce(companion: Companion): void {
    const { account } = companion;
    for (const other of new Set([account, ...account.peers])) {
      for (const device of other.companions) {
        if (device !== companion) device.deliver(devicesNotification(account, other));
      }
    }
  }

  private sessionOf(qrText: string): PairingSession {
    const session = this.byRef.get(partsOf(qrText)[0] ?? '');
    if (!session) throw new Error('this QR code is not shown by any client that is connected now');
    if (session.hasExpired(partsOf(qrText)[0] ?? '')) {
      throw new Error('this QR code has expired; scan the one that the client shows now');
    }
    return session;
  }

  private forget(session: PairingSession): void {
    for (const ref of session.refs) this.byRef.delete(ref);
    this.waiting.remove(session);
    for (const [number, one] of this.byNumber) if (one === session) this.byNumber.delete(number);
  }

  private codeRequested(number: string): Promise<void> {
    return new Promise((resolve) => {
      const waiters = this.codeWaiters.get(number) ?? new Set();
      this.codeWaiters.set(number, waiters);
      const wake = (): void => {
        timer.cancel();
        waiters.delete(wake);
        if (waiters.size === 0) this.codeWaiters.delete(number);
        resolve();
      };
      const timer = wallClock.after(CODE_WAIT_MS, wake);
      waiters.add(wake);
    });
  }
}

/** Reference, Noise key, identity key and secret of a QR code, which newer clients put behind an address. */
const partsOf = (qrText: string): string[] => qrText.slice(qrText.indexOf('#') + 1).split(',');

/** In both forms of address, since a client may have cached either. */
function devicesNotification(account: Account, viewer: Account) {
  const devices = [...account.devices.keys()].flatMap((number) => [
    stanza('device', { jid: account.address('pn', number), 'key-index': number || undefined }),
    stanza('device', { jid: account.address('lid', number), 'key-index': number || undefined }),
  ]);
  return notification('devices', [stanza('update', {}, devices)], account.address(viewer.addressing));
}
