import { BufferJSON, proto } from '@whiskeysockets/baileys';

/** Types that Baileys gives as plain JSON, binary parts in base64 already: they need no look at each part. */
const plain = new Set(['session', 'lid-mapping', 'device-list', 'user-devices', 'sender-key-memory']);

/** Signal keys as bytes: JSON with the binary parts in base64, the form in which Baileys itself stores them. */
export function encodeKey(type: string, value: unknown): Uint8Array {
  return Buffer.from(plain.has(type) ? JSON.stringify(value) : JSON.stringify(value, BufferJSON.replacer));
}

export function decodeKey(type: string, bytes: Uint8Array): unknown {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
  const value = plain.has(type) ? JSON.parse(text) : JSON.parse(text, BufferJSON.reviver);
  // The only key that is a protobuf object; Baileys calls its methods.
  return type === 'app-state-sync-key' ? proto.Message.AppStateSyncKeyData.fromObject(value) : value;
}
