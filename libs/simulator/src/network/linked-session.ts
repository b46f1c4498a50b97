import type { BinaryNode } from '../baileys.js';
import type { SessionChange } from '../changes.js';
import type { IqRegistry } from '../iq/registry.js';
import type { Clock } from '../time/clock.js';
import type { ConnectionOwner, SessionConnection } from '../wire/connection.js';
import {
  child,
  errorText,
  farewellOf,
  iqError,
  offlineDone,
  offlinePreview,
  stamped,
  stanza,
  wireTime,
} from '../wire/stanza.js';
import type { Account } from './account.js';
import type { Calls } from './calls.js';
import type { Companion, CompanionLink } from './companion.js';
import type { Endpoint } from './device.js';
import type { Counters } from './observation.js';
import type { Policies } from './policies.js';
import type { Presence } from './presence.js';
import type { Problems } from './problems.js';
import type { Receipts } from './receipts.js';
import { nameOf, type Router } from './router.js';

/** The parts of the network that a session hands its stanzas to. */
export interface SessionServices {
  router: Router;
  receipts: Receipts;
  presence: Presence;
  calls: Calls;
  policies: Policies;
  iqs: IqRegistry;
  problems: Problems;
  counters: Counters;
  /** A question of this namespace has changed something, which must outlive the process before it is answered. */
  keep(account: Account, xmlns: string | undefined): void;
  /** A connection of a companion has begun or ended. */
  onSession(change: SessionChange): void;
  /** A companion has caught up. The first time, its phone sends it keys and history. */
  onCaughtUp(device: Companion): void;
}

/** A logged-in connection: the life of a companion from `success` to the end of its socket. */
export class LinkedSession implements ConnectionOwner, CompanionLink {
  private isActive = false;
  private isOnline = false;
  private readonly outlet: Endpoint;

  constructor(
    private readonly connection: SessionConnection,
    private readonly device: Companion,
    private readonly services: SessionServices,
  ) {
    this.outlet = { take: (node) => this.send(node) };
    connection.label = nameOf(device);
  }

  /**
   * Takes the device over from a session that may still hold it, and tells the client that it is in. A `passive` client
   * must ask before what waited for it may flow.
   */
  begin(passive: boolean): void {
    const { device } = this;
    const earlier = device.link;
    device.link = this;
    earlier?.closeWith(440);
    this.tell('opened', earlier ? { replaces: true } : {});
    const t = wireTime(device.account.world.clock);
    const lid = device.account.address('lid', device.number);
    this.send(stanza('success', { t, lid, display_name: device.account.name, props: 27, creation: t }));
    if (!passive) this.activate();
  }

  /** The client is ready for what waited: it gets a preview, and the stanzas once it asks for them. */
  activate(): void {
    if (this.isActive) return;
    this.isActive = true;
    if (this.device.queue.size === 0) this.goOnline();
    else this.send(offlinePreview(this.device.queue.counts()));
  }

  take(node: BinaryNode): void {
    const { faults, number } = this.device;
    faults.traffic.pass('from-client', number, node, () => this.handle(node));
  }

  private tell(what: SessionChange['what'], facts: { replaces?: true } = {}): void {
    const { number, account } = this.device;
    const { port } = this.connection;
    const change = { kind: 'session', number: account.number, device: number, what, ...facts } as const;
    this.services.onSession(port === undefined ? change : { ...change, port });
  }

  private send(node: BinaryNode): void {
    const { faults, number, queue } = this.device;
    const again = (): void => queue.sentAgain(node);
    faults.traffic.pass('to-client', number, node, () => this.connection.send(node), again);
  }

  private handle(node: BinaryNode): void {
    try {
      this.dispatch(node);
    } catch (error) {
      this.services.problems.add('simulator-error', nameOf(this.device), `${node.tag}: ${(error as Error).stack}`);
    }
  }

  closed(): void {
    this.device.detach(this.outlet);
    this.tell('closed');
    if (this.device.link !== this) return;
    this.device.link = undefined;
    this.services.presence.forget(this.device);
  }

  cut(): void {
    this.connection.cut();
  }

  stall(): void {
    this.connection.stall();
  }

  resume(): void {
    this.connection.resume();
  }

  abandon(): void {
    this.connection.abandon();
  }

  closeWith(code: number): void {
    const farewell = farewellOf(code);
    if (farewell) this.connection.send(farewell);
    this.connection.close();
  }

  private dispatch(node: BinaryNode): void {
    const { router, receipts, presence, problems, counters } = this.services;
    counters.add(`stanzas.${node.tag}`);
    switch (node.tag) {
      case 'iq':
        this.answer(node);
        break;
      case 'message':
        this.acknowledge(router.accept(this.device, node));
        break;
      case 'receipt':
        this.confirm(receipts.accept(this.device, node));
        break;
      case 'ack':
        receipts.acknowledge(this.device, node);
        break;
      case 'presence':
        presence.accept(this.device, node);
        break;
      case 'chatstate':
        presence.typing(this.device, node);
        break;
      case 'call':
        this.confirm(this.services.calls.accept(this.device, node));
        break;
      case 'ib':
        this.takeInfo(node);
        break;
      default:
        problems.add('unknown-stanza', nameOf(this.device), JSON.stringify({ tag: node.tag, attrs: node.attrs }));
        this.confirm(stanza('ack', { class: node.tag, id: node.attrs.id, from: node.attrs.to, error: 501 }));
    }
  }

  private answer(node: BinaryNode): void {
    const { type } = node.attrs;
    if (type === 'result' || type === 'error') return;
    const later: (() => void)[] = [];
    const request = {
      node,
      device: this.device,
      account: this.device.account,
      after: (act: () => void) => later.push(act),
    };
    let failure: unknown;
    try {
      const refusal = this.refusalOf(node);
      if (refusal !== undefined) {
        this.send(iqError(node, refusal, errorText(refusal)));
        return;
      }
      const { reply, problem, name } = this.services.iqs.answer(request);
      this.services.counters.add(`iqs.${name}`);
      if (problem) this.services.problems.add(problem, nameOf(this.device), `iq ${name}`);
      else if (node.attrs.type === 'set') this.services.keep(this.device.account, node.attrs.xmlns);
      this.send(reply);
    } catch (error) {
      failure = error;
      this.send(iqError(node, 500, 'internal-server-error'));
    }
    for (const act of later) act();
    if (failure) throw failure;
  }

  /** The code with which a fault or a limit refuses a question, if one does. */
  private refusalOf(iq: BinaryNode): number | undefined {
    const byFault = this.device.faults.spendQueryRefusal(iq);
    const code = byFault ?? (this.services.policies.refusesQuery(this.device.account, iq) ? 429 : undefined);
    if (code !== undefined) this.services.counters.add(`iqs.refused.${code}`);
    return code;
  }

  private acknowledge(ack: BinaryNode | undefined): void {
    if (!ack) return;
    const { ackDelayMs } = this.device.faults.state;
    if (ackDelayMs > 0) this.clock.after(ackDelayMs, () => this.confirm(ack));
    else this.confirm(ack);
  }

  private confirm(ack: BinaryNode): void {
    this.send(stamped(ack, this.clock));
  }

  private get clock(): Clock {
    return this.device.account.world.clock;
  }

  private takeInfo(node: BinaryNode): void {
    if (child(node, 'offline_batch')) {
      if (this.isActive) this.goOnline();
      return;
    }
    if (child(node, 'unified_session')) return;
    const { problems } = this.services;
    const tags = Array.isArray(node.content) ? node.content.map((one) => one.tag).join() : '';
    problems.add('unknown-stanza', nameOf(this.device), `ib › ${tags}`);
  }

  /** Hands over what waited, marked as offline, and from then on everything as it comes. */
  private goOnline(): void {
    if (this.isOnline) return;
    this.isOnline = true;
    const { device } = this;
    const count = device.attach(this.outlet, (node) => ({ ...node, attrs: { ...node.attrs, offline: '1' } }));
    if (!device.faults.spend('omitOfflineMarkers')) this.send(offlineDone(count));
    this.services.onCaughtUp(device);
  }
}
