import type { BinaryNode } from '../baileys.js';
import type { Random } from '../time/random.js';
import { child, SERVER, stanza } from '../wire/stanza.js';
import { ForgedCipher } from './forged-cipher.js';

/** How a light device speaks: over a websocket, or to a session in the same process. */
export interface LightTransport {
  send(node: BinaryNode): void;
}

export interface LightEvents {
  /** It is logged in, and has what waited for it. */
  onReady?(): void;
  onMessage?(node: BinaryNode): void;
  onReceipt?(node: BinaryNode): void;
  /** The server's answer to a message. */
  onAck?(node: BinaryNode): void;
  onEnd?(node: BinaryNode): void;
}

const BODY_BYTES = 120;

/**
 * The cheapest linked device that keeps to the protocol: logs in, takes what waits, confirms all it gets and sends
 * messages of forged ciphertext. It has no Signal sessions: what is sent to it is confirmed and never read.
 */
export class LightDevice {
  private readonly cipher: ForgedCipher;
  private queries = 0;

  constructor(
    /** Phone number of its account. */
    readonly number: string,
    readonly lid: string,
    private readonly transport: LightTransport,
    private readonly random: Random,
    private readonly events: LightEvents = {},
  ) {
    this.cipher = new ForgedCipher(random);
  }

  take(node: BinaryNode): void {
    switch (node.tag) {
      case 'success':
        this.ask('passive', [stanza('active')]);
        break;
      case 'ib':
        this.takeInfo(node);
        break;
      case 'message':
        this.confirmMessage(node);
        this.events.onMessage?.(node);
        break;
      case 'receipt':
      case 'notification':
      case 'call':
        this.acknowledge(node);
        if (node.tag === 'receipt') this.events.onReceipt?.(node);
        break;
      case 'ack':
        this.events.onAck?.(node);
        break;
      case 'stream:error':
      case 'failure':
        this.events.onEnd?.(node);
        break;
    }
  }

  /** Sends a message to one device and returns its id. */
  send(to: string, sizeBytes = BODY_BYTES): string {
    const id = this.random.hex(16).toUpperCase();
    const enc = stanza('enc', { v: 2, type: 'msg' }, this.cipher.next(sizeBytes));
    const participants = stanza('participants', {}, [stanza('to', { jid: to }, [enc])]);
    this.transport.send(stanza('message', { id, to, type: 'text' }, [participants]));
    return id;
  }

  /** Says that a message was read. */
  read(message: BinaryNode): void {
    const { id, from, participant } = message.attrs;
    this.transport.send(stanza('receipt', { id, to: from, participant, type: 'read' }));
  }

  private ask(xmlns: string, content: BinaryNode[]): void {
    this.queries += 1;
    this.transport.send(stanza('iq', { to: SERVER, type: 'set', xmlns, id: `light-${this.queries}` }, content));
  }

  private takeInfo(node: BinaryNode): void {
    if (child(node, 'offline_preview'))
      this.transport.send(stanza('ib', {}, [stanza('offline_batch', { count: 100 })]));
    else if (child(node, 'offline')) this.events.onReady?.();
  }

  private confirmMessage({ attrs }: BinaryNode): void {
    const { id, from = '', participant, category } = attrs;
    const author = (participant ?? from).split(/[:@]/)[0];
    const isOwn = author === this.lid || author === this.number;
    const type = category === 'peer' ? 'peer_msg' : isOwn ? 'sender' : undefined;
    this.transport.send(stanza('receipt', { id, to: from, participant, type }));
  }

  private acknowledge({ tag, attrs }: BinaryNode): void {
    const { id, from, participant, type } = attrs;
    this.transport.send(stanza('ack', { class: tag, id, to: from, participant, type }));
  }
}
