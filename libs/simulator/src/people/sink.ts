import type { BinaryNode } from '../baileys.js';
import type { Account } from '../network/account.js';
import { Device, type Endpoint } from '../network/device.js';
import type { Directory } from '../network/directory.js';
import type { Receipts } from '../network/receipts.js';
import { stanza } from '../wire/stanza.js';
import { Feed } from './feed.js';
import { SignalDevice } from './signal-device.js';
import { type SinkOptions, SinkReceipts } from './sink-receipts.js';

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

/** The cheapest recipient: notes the ids of messages and sends receipts, and never decrypts. For load. */
export class Sink implements Endpoint {
  readonly received: Feed<SinkRecord>;
  private answers: SinkReceipts;
  private chosen: SinkOptions = {};

  constructor(
    readonly account: Account,
    private readonly directory: Directory,
    private readonly receipts: Receipts,
    limit: number,
  ) {
    this.received = new Feed(limit);
    this.answers = new SinkReceipts(account.world, account.number, {});
    this.device = new Device(account, 0, sharedKeys);
    this.device.isKept = false;
    account.devices.set(0, this.device);
    this.device.attach(this);
  }

  private readonly device: Device;

  /** Which receipts it sends, and when. Setting it counts for what comes from now on. */
  get options(): SinkOptions {
    return this.chosen;
  }

  set options(options: SinkOptions) {
    this.chosen = options;
    this.answers = new SinkReceipts(this.account.world, this.number, options);
    this.account.world.journal?.sink(this.number, options);
  }

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
      const receipt = (kind?: string): void =>
        void this.receipts.accept(this.device, stanza('receipt', { id, to: from, participant, type: kind }));
      this.answers.plan({
        delivered: () => receipt(),
        silent: () => this.receipts.acknowledge(this.device, stanza('ack', { class: 'message', id, to: from })),
        read: () => {
          if (author !== this.number) receipt('read');
        },
      });
    } else if (node.tag === 'receipt' || node.tag === 'notification') {
      this.receipts.acknowledge(this.device, stanza('ack', { class: node.tag, id, to: from, type }));
    }
  }
}
