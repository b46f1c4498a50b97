/**
 * The parts of Signal messages that anybody on the way can read (libsignal `WhisperTextProtocol.proto`): which key each
 * was encrypted with. What it says stays sealed.
 */
export interface SignalEnvelope {
  /** Names the chain: the ratchet key of a session, or the id of a sender key. */
  chain: string;
  /** Number of the message key in its chain; each may be used once. */
  counter: number;
}

const MAC_BYTES = 8;
const SIGNATURE_BYTES = 64;

/** Reads the envelope of an `enc` node; nothing when it is of another kind or not well-formed. */
export function signalEnvelope(type: string | undefined, ciphertext: Buffer): SignalEnvelope | undefined {
  if (type === 'msg') return whisper(ciphertext);
  if (type === 'pkmsg') {
    const inner = fieldsOf(ciphertext.subarray(1))?.get(4);
    return inner instanceof Buffer ? whisper(inner) : undefined;
  }
  return type === 'skmsg' ? senderKey(ciphertext) : undefined;
}

function whisper(message: Buffer): SignalEnvelope | undefined {
  const fields = fieldsOf(message.subarray(1, -MAC_BYTES));
  const ratchetKey = fields?.get(1);
  if (!(ratchetKey instanceof Buffer)) return undefined;
  return { chain: ratchetKey.toString('base64'), counter: numberOf(fields?.get(2)) };
}

function senderKey(message: Buffer): SignalEnvelope | undefined {
  const fields = fieldsOf(message.subarray(1, -SIGNATURE_BYTES));
  if (!fields?.has(1)) return undefined;
  return { chain: String(numberOf(fields.get(1))), counter: numberOf(fields.get(2)) };
}

const numberOf = (value: number | Buffer | undefined): number => (typeof value === 'number' ? value : 0);

/** The fields of a protocol buffer that holds only varints and bytes; nothing when it is none. */
function fieldsOf(data: Buffer): Map<number, number | Buffer> | undefined {
  const fields = new Map<number, number | Buffer>();
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let factor = 1; at < data.length; factor *= 128) {
      const byte = data[at++] ?? 0;
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value;
    }
    return Number.NaN;
  };
  while (at < data.length) {
    const tag = varint();
    const value = varint();
    if (Number.isNaN(tag) || Number.isNaN(value)) return undefined;
    if ((tag & 7) === 0) fields.set(tag >>> 3, value);
    else if ((tag & 7) === 2 && at + value <= data.length) {
      fields.set(tag >>> 3, data.subarray(at, at + value));
      at += value;
    } else return undefined;
  }
  return fields;
}
