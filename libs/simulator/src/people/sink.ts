import type { BinaryNode } from '../baileys.js';
import type { Account } from '../network/account.js';
import { Device, type Endpoint } from '../network/device.js';
import type { Directory } from '../network/directory.js';
import type { Receipts } from '../network/receipts.js';
import { stanza } from '../wire/stanza.js';
import { Feed } from './feed.js';
import { SignalDevice } from './signal-device.js';

/** A message that reached a sink. */
export interface SinkRecord {
  index: number;
  id: string;
  /** Phone number of the author. */
  from: string;
  at: number;
}

/** All sinks share one set of keys: nobody ever decrypts with them. */
const sharedKeys = new SignalDevice();

/** The cheapest recipient: notes the ids of messages and sends delivery receipts, and never decrypts. For load. */
export class Sink implements Endpoint {
  readonly received: Feed<SinkRecord>;

  constructor(
    readonly account: Account,
    private readonly directory: Directory,
    private readonly receipts: Receipts,
    limit: number,
  ) {
    this.received = new Feed(limit);
    this.device = new Device(account, 0, sharedKeys);
    this.device.isKept = false;
    account.devices.set(0, this.device);
    this.device.attach(this);
  }

  private readonly device: Device;

  get number(): string {
    return this.account.number;
  }

  /** How many messages have come, repeats included. */
  get count(): number {
    return this.received.lastIndex;
  }

  take(node: BinaryNode): void {
    const { id = '', from = '', participant, type } = node.attrs;
    if (node.tag === 'message') {
      const author = this.directory.accountAt(participant ?? from)?.number ?? from;
      this.received.append((index) => ({ index, id, from: author, at: this.account.world.clock.now() }));
      // In a later turn: the sender's own acknowledgement must not come after the receipt of a recipient.
      setImmediate(() => this.receipts.accept(this.device, stanza('receipt', { id, to: from, participant })));
    } else if (node.tag === 'receipt' || node.tag === 'notification') {
      this.receipts.acknowledge(this.device, stanza('ack', { class: node.tag, id, to: from, type }));
    }
  }
}
