import type { BinaryNode } from '../../baileys.js';
import type { Device } from '../device.js';
import type { Problems } from '../problems.js';
import { KeyUse } from './key-use.js';
import { MessageOrder } from './message-order.js';
import { PlaintextWatch } from './plaintext-watch.js';

/**
 * What holds on every wire, checked as it happens. A breach becomes a problem, and so ends `assertHealthy`. The others are
 * checked where they belong: what was confirmed and how often by queues and receipts, unknown stanzas by sessions.
 */
export class Invariants {
  readonly plaintext = new PlaintextWatch();
  private readonly keys = new KeyUse();
  private readonly order = new MessageOrder();

  constructor(
    private readonly problems: Problems,
    private readonly deviceAt: (jid: string | undefined) => Device | undefined,
  ) {}

  /** A device hands a message in. */
  accepted(sender: Device, message: BinaryNode): void {
    const name = nameOf(sender);
    for (const detail of this.keys.check(name, message)) this.problems.add('key-reuse', name, detail);
    this.order.accepted(name, message.attrs.id ?? '');
  }

  /** A device gets a message for the first time. */
  passedOn(recipient: Device, message: BinaryNode): void {
    const { from = '', participant = from, recipient: chat = '', id = '' } = message.attrs;
    const sender = this.deviceAt(participant);
    if (!sender) return;
    const wrong = this.order.passedOn(nameOf(recipient), nameOf(sender), `${from}${chat}`, id);
    if (wrong) this.problems.add('out-of-order', nameOf(recipient), wrong);
  }

  /** A stanza goes over a connection, in either direction. */
  seen(who: string, node: BinaryNode): void {
    const text = this.plaintext.find(node);
    if (text) this.problems.add('plaintext', who, `${node.tag} ${node.attrs.id ?? ''} shows "${text}" to everybody`);
  }
}

const nameOf = ({ account, number }: Device): string => `${account.number}:${number}`;
