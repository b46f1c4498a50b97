import { type BinaryNode, jidDecode } from '../baileys.js';
import { child, children, receiptAck, stanza } from '../wire/stanza.js';
import type { Account, Addressing } from './account.js';
import { sharesReadReceipts } from './accounts/privacy.js';
import type { Device } from './device.js';
import type { Confirmation } from './device-queue.js';
import type { Directory } from './directory.js';
import type { Counters } from './observation.js';
import type { Problems } from './problems.js';
import { nameOf } from './router.js';

/** These say that a device has the message; its queue may forget it. */
const CONFIRMS = new Set([undefined, 'inactive', 'sender', 'peer_msg']);
/** These are for the author of the message. */
const FORWARDED = new Set([undefined, 'inactive', 'read', 'played', 'retry']);
const KNOWN = new Set([...CONFIRMS, ...FORWARDED, 'hist_sync', 'read-self', 'view', 'server-error']);

/** Takes the receipts and acknowledgements of devices, empties their queues by them and tells the authors. */
export class Receipts {
  /** Somebody has looked at messages of a newsletter. */
  onView?: (account: Account, receipt: BinaryNode) => void;
  /** How people are named in a room, a group or the status; undefined for what is none. */
  roomAddressing: (jid: string | undefined, author: Account) => Addressing | undefined = () => undefined;

  constructor(
    private readonly directory: Directory,
    private readonly problems: Problems,
    private readonly counters: Counters,
  ) {}

  /** Takes a `receipt` over and answers with its acknowledgement. */
  accept(device: Device, receipt: BinaryNode): BinaryNode {
    const { type, to } = receipt.attrs;
    this.counters.add(`receipts.${type ?? 'delivered'}`);
    if (!KNOWN.has(type)) {
      this.problems.add('unsupported', nameOf(device), `receipt of type ${type} is not supported by this version`);
      return receiptAck(receipt);
    }
    if (isDelivery(type) && device.faults?.spend('loseReceipts')) return receiptAck(receipt);
    const isForged =
      CONFIRMS.has(type) &&
      !idsOf(receipt)
        .map((id) => this.confirm(device, id, to))
        .includes(true);
    if (FORWARDED.has(type) && !isForged) this.forward(device, receipt);
    if (type === 'view') this.onView?.(device.account, receipt);
    if (type === 'server-error') this.askPhone(device, receipt);
    return receiptAck(receipt);
  }

  /** Takes an `ack`: the device has handled a stanza, or refuses a message with an error. */
  acknowledge(device: Device, ack: BinaryNode): void {
    const { id, type, error } = ack.attrs;
    const tag = ack.attrs.class ?? '';
    this.counters.add(error ? `acks.${tag}.${error}` : `acks.${tag}`);
    if (!id || (tag === 'message' && device.answerObstacle(id, Boolean(error)))) return;
    if (tag === 'message' && device.faults?.spend('loseReceipts')) return;
    const outcome = device.queue.confirm(tag, id, { type, sender: this.sameAccount(ack.attrs.to) });
    this.keep(device, outcome, tag, id, type);
    if (tag === 'message') this.judge(device, id, outcome);
  }

  /** False when the device never got such a message. */
  private confirm(device: Device, id: string, to: string | undefined): boolean {
    if (device.answerObstacle(id, false)) return true;
    const outcome = device.queue.confirm('message', id, { sender: this.sameAccount(to) });
    this.keep(device, outcome, 'message', id);
    return this.judge(device, id, outcome);
  }

  private keep(device: Device, outcome: Confirmation, tag: string, id: string, type?: string): void {
    if (outcome === 'confirmed' && device.isKept) device.account.world.journal?.confirmed(device, tag, id, type);
  }

  private judge(device: Device, id: string, outcome: Confirmation): boolean {
    if (outcome === 'surplus') {
      this.problems.add('needless-receipt', nameOf(device), `message ${id} was confirmed more often than delivered`);
    } else if (outcome === 'unknown' && device.queue.remembersAll) {
      this.problems.add('forged-receipt', nameOf(device), `message ${id} was confirmed and never delivered`);
      return false;
    }
    return true;
  }

  private sameAccount(jid: string | undefined): (from: string) => boolean {
    const account = this.directory.accountAt(jid);
    return (from) => (account ? this.directory.accountAt(from) === account : from === jid);
  }

  private forward(device: Device, receipt: BinaryNode): void {
    const { to, type, id, recipient } = receipt.attrs;
    if (!this.directory.accountAt(to)) {
      this.forwardInRoom(device, receipt);
      return;
    }
    const author = this.directory.accountAt(to);
    if (!author) return;
    const isRetry = type === 'retry';
    if (author === device.account && !isRetry) return;
    if (type === 'read' && !sharesReadReceipts(device.account, author)) {
      this.tellOwnDevices(device, receipt);
      return;
    }
    const node = stanza(
      'receipt',
      {
        id,
        from: device.account.address(author.addressing, device.number),
        type: isDelivery(type) ? undefined : type,
        recipient: recipient && this.directory.accountAt(recipient)?.address(author.addressing),
        t: receipt.attrs.t,
      },
      receipt.content,
    );
    author.deliver(node, isRetry ? { only: jidDecode(to)?.device ?? 0 } : {});
    if (type === 'read') this.tellOwnDevices(device, receipt);
  }

  /** A client cannot fetch a file: its own phone is asked to upload it again. */
  private askPhone(device: Device, receipt: BinaryNode): void {
    const attrs = { id: receipt.attrs.id, from: device.address, type: 'server-error', t: receipt.attrs.t };
    device.account.deliver(stanza('receipt', attrs, receipt.content), { only: 0 });
  }

  /** In a room the receipt comes from the room, with who confirms beside it. */
  private forwardInRoom(device: Device, receipt: BinaryNode): void {
    const { to, type, id, participant } = receipt.attrs;
    const author = this.directory.accountAt(participant);
    const addressing = author && this.roomAddressing(to, author);
    if (!author || !addressing) return;
    const isRetry = type === 'retry';
    if (author === device.account && !isRetry) return;
    const node = (from: Device, kind: string | undefined): BinaryNode =>
      stanza(
        'receipt',
        {
          id,
          from: to,
          participant: from.account.address(addressing, from.number),
          type: kind,
          t: receipt.attrs.t,
        },
        receipt.content,
      );
    const kind = isDelivery(type) ? undefined : type;
    author.deliver(node(device, kind), isRetry ? { only: jidDecode(participant)?.device ?? 0 } : {});
    if (type === 'read') device.account.deliver(node(device, 'read-self'), { except: device });
  }

  /** The reader's other devices learn that the chat was read. The exact form of the real service is not known. */
  private tellOwnDevices(device: Device, receipt: BinaryNode): void {
    const { account } = device;
    const chat = this.directory.accountAt(receipt.attrs.to);
    if (!chat) return;
    const node = stanza(
      'receipt',
      {
        id: receipt.attrs.id,
        from: device.address,
        recipient: chat.address(account.addressing),
        type: 'read-self',
        t: receipt.attrs.t,
      },
      receipt.content,
    );
    account.deliver(node, { except: device });
  }
}

/** A message from somebody else has arrived. */
const isDelivery = (type: string | undefined): boolean => type === undefined || type === 'inactive';

export function idsOf(receipt: BinaryNode): string[] {
  const first = receipt.attrs.id;
  return [...(first ? [first] : []), ...children(child(receipt, 'list'), 'item').map((item) => item.attrs.id ?? '')];
}
