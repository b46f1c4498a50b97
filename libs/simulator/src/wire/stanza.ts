import { type BinaryNode } from '../baileys.js';
import type { Clock } from '../time/clock.js';
import { Random } from '../time/random.js';

/** The address of the server itself. */
export const SERVER = 's.whatsapp.net';
/**
 * The server as the sender of a stanza: an address without a user, which is what clients compare with (Baileys
 * `S_WHATSAPP_NET`); the bare name would travel as a plain word.
 */
export const FROM_SERVER = '@s.whatsapp.net';

type Attributes = Record<string, string | number | undefined>;

/** A node without the attributes that are undefined. */
export function stanza(tag: string, attrs: Attributes = {}, content?: BinaryNode['content']): BinaryNode {
  const present: Record<string, string> = {};
  for (const key in attrs) {
    const value = attrs[key];
    if (value !== undefined) present[key] = String(value);
  }
  return content === undefined ? { tag, attrs: present } : { tag, attrs: present, content };
}

export function children(node: BinaryNode | undefined, tag?: string): BinaryNode[] {
  if (!Array.isArray(node?.content)) return [];
  return tag ? node.content.filter((child) => child.tag === tag) : node.content;
}

export function child(node: BinaryNode | undefined, tag: string): BinaryNode | undefined {
  if (!Array.isArray(node?.content)) return undefined;
  return node.content.find((candidate) => candidate.tag === tag);
}

/** The bytes of a node, empty when it has none. */
export function bytes(node: BinaryNode | undefined): Buffer {
  const content = node?.content;
  if (content === undefined || Array.isArray(content)) return Buffer.alloc(0);
  return typeof content === 'string'
    ? Buffer.from(content)
    : Buffer.from(content.buffer, content.byteOffset, content.byteLength);
}

export function bigEndian(value: number, width: number): Buffer {
  const out = Buffer.alloc(width);
  out.writeUIntBE(value, 0, width);
  return out;
}

export function unsigned(buffer: Uint8Array): number {
  let value = 0;
  for (const byte of buffer) value = value * 256 + byte;
  return value;
}

/** Seconds since 1970, as stanzas carry them. */
export function wireTime(clock: Pick<Clock, 'now'>): string {
  return String(Math.floor(clock.now() / 1000));
}

/** The stanza with the time at which the server passes it on, unless it names one itself. */
export function stamped(node: BinaryNode, clock: Pick<Clock, 'now'>): BinaryNode {
  return node.attrs.t ? node : { ...node, attrs: { ...node.attrs, t: wireTime(clock) } };
}

/** Sets the ids of this process apart from those of an earlier one, whose stanzas may still wait in a queue. */
const processMark = Random.unseeded().hex(4);
let lastId = 0;

/** An id for a stanza that begins at the server. */
export function serverId(): string {
  lastId += 1;
  return `sim.${processMark}-${lastId}`;
}

export const iqResult = (request: BinaryNode, content?: BinaryNode[]): BinaryNode =>
  stanza('iq', { from: replyFrom(request), type: 'result', id: request.attrs.id }, content);

export const iqError = (request: BinaryNode, code: number, text: string): BinaryNode =>
  stanza('iq', { from: replyFrom(request), type: 'error', id: request.attrs.id }, [stanza('error', { code, text })]);

const replyFrom = (request: BinaryNode): string => request.attrs.to || FROM_SERVER;

/** The server's answer to a message: taken over, or refused with `error`. Stamped when it goes out. */
export const messageAck = (message: BinaryNode, error?: number): BinaryNode =>
  stanza('ack', {
    class: 'message',
    id: message.attrs.id,
    from: message.attrs.to,
    participant: message.attrs.participant,
    error,
  });

export const receiptAck = (receipt: BinaryNode): BinaryNode =>
  stanza('ack', {
    class: 'receipt',
    id: receipt.attrs.id,
    from: receipt.attrs.to,
    participant: receipt.attrs.participant,
    type: receipt.attrs.type,
  });

/** News from the server. Stamped when it is delivered. */
export const notification = (type: string, content: BinaryNode[], from = FROM_SERVER): BinaryNode =>
  stanza('notification', { from, type, id: serverId() }, content);

export const offlinePreview = (counts: { message: number; receipt: number; notification: number }): BinaryNode =>
  stanza('ib', { from: FROM_SERVER }, [
    stanza('offline_preview', {
      count: counts.message + counts.receipt + counts.notification,
      message: counts.message,
      receipt: counts.receipt,
      notification: counts.notification,
      appdata: 0,
    }),
  ]);

/** Required even with 0: it ends the client's initial buffering. */
export const offlineDone = (count: number): BinaryNode =>
  stanza('ib', { from: FROM_SERVER }, [stanza('offline', { count })]);

export const streamError = (code: number): BinaryNode => {
  if (code === 440) return stanza('stream:error', {}, [stanza('conflict', { type: 'replaced' })]);
  if (code === 401) return stanza('stream:error', { code }, [stanza('conflict', { type: 'device_removed' })]);
  return stanza('stream:error', { code });
};

/** How the service ends a connection for a reason; nothing for 428, which is an end without a word. */
export function farewellOf(code: number): BinaryNode | undefined {
  if (code === 428) return undefined;
  if (code === 411) return stanza('ib', { from: FROM_SERVER }, [stanza('downgrade_webclient')]);
  return STREAM_ERRORS.has(code) ? streamError(code) : loginFailure(code);
}

/** Codes of `stream:error` that clients handle (whatsmeow `connectionevents.go`, Baileys `DisconnectReason`). */
const STREAM_ERRORS = new Set([401, 408, 440, 500, 503, 515, 516]);

const ERROR_TEXTS: Record<number, string> = {
  400: 'bad-request',
  401: 'not-authorized',
  403: 'forbidden',
  404: 'item-not-found',
  405: 'not-allowed',
  406: 'not-acceptable',
  408: 'request-timeout',
  409: 'conflict',
  429: 'rate-overlimit',
  500: 'internal-server-error',
  501: 'feature-not-implemented',
  503: 'service-unavailable',
};

/** The text that goes with the code of an error answer. */
export const errorText = (code: number): string => ERROR_TEXTS[code] ?? 'error';

export const loginFailure = (reason: number): BinaryNode => stanza('failure', { reason, location: 'simulator' });
