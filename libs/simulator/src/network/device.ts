import type { BinaryNode } from '../baileys.js';
import { stamped } from '../wire/stanza.js';
import type { Account } from './account.js';
import { DeviceQueue, type QueuedStanza } from './device-queue.js';
import type { Faults } from './faults.js';
import type { DeviceKeys } from './keys.js';

/** The living end of a device: a linked client's connection, or a phone inside the simulator. */
export interface Endpoint {
  take(node: BinaryNode): void;
}

/** One device of an account. Number 0 is the phone, higher numbers are linked companions. */
export class Device {
  readonly queue = new DeviceQueue();
  /** False for a device that confirms at once: there is nothing to keep for it over a restart. */
  isKept = true;
  private endpoint?: Endpoint;
  private obstacle?: { node: BinaryNode; held: QueuedStanza[] };

  constructor(
    readonly account: Account,
    readonly number: number,
    readonly keys: DeviceKeys,
  ) {}

  /** What is to go wrong for this device. Only linked companions have faults; a phone never fails. */
  get faults(): Faults | undefined {
    return undefined;
  }

  get isReachable(): boolean {
    return this.endpoint !== undefined;
  }

  /** This device's address in the form that the accounts of a given addressing see. */
  get address(): string {
    return this.account.address(this.account.addressing, this.number);
  }

  /** Stamps the stanza, keeps it until the device confirms it, and hands it over now if the device can take it. */
  deliver(node: BinaryNode): void {
    const entry = this.queue.add(stamped(node, this.account.world.clock));
    if (this.isKept) this.account.world.journal?.queued(this, entry.node);
    if (this.obstacle) this.obstacle.held.push(entry);
    else this.handOver(entry);
  }

  /** Hands over a stanza that is worth nothing later (typing, presence): dropped when the device is away. */
  tell(node: BinaryNode): void {
    this.endpoint?.take(node);
  }

  /** Connects the device and hands over what waited for it, in order, each through `mark`. Returns how many. */
  attach(endpoint: Endpoint, mark: (node: BinaryNode) => BinaryNode = (node) => node): number {
    this.endpoint = endpoint;
    this.account.onChange?.();
    const waiting = [...this.queue];
    if (this.obstacle) {
      this.obstacle.held = waiting;
      endpoint.take(mark(this.obstacle.node));
      return 1;
    }
    for (const entry of waiting) this.handOver(entry, mark);
    return waiting.length;
  }

  /** Puts a stanza at the head of the queue. Until the device confirms it, nothing that follows is handed over. */
  obstruct(node: BinaryNode): void {
    this.obstacle = { node: stamped(node, this.account.world.clock), held: [] };
    this.endpoint?.take(this.obstacle.node);
  }

  /** True when `id` is that of the obstacle. It stays when the device refused it, and is gone otherwise. */
  answerObstacle(id: string, isRefusal: boolean): boolean {
    if (this.obstacle?.node.attrs.id !== id) return false;
    if (!isRefusal) this.clearObstacle();
    return true;
  }

  /** Takes the obstacle away; what it held back follows. */
  clearObstacle(): void {
    const held = this.obstacle?.held ?? [];
    this.obstacle = undefined;
    for (const entry of held) this.handOver(entry);
  }

  private handOver(entry: QueuedStanza, mark = (node: BinaryNode): BinaryNode => node): void {
    if (!this.endpoint) return;
    entry.sends += 1;
    if (entry.sends === 1 && entry.node.tag === 'message') this.account.world.invariants.passedOn(this, entry.node);
    this.endpoint.take(mark(entry.node));
  }

  /** Disconnects `endpoint`, unless another one has taken its place. */
  detach(endpoint: Endpoint): void {
    if (this.endpoint !== endpoint) return;
    this.endpoint = undefined;
    this.account.onChange?.();
  }
}
