import { BufferJSON, proto } from '@whiskeysockets/baileys';

/** Signal keys as bytes: JSON with the binary parts in base64, the form in which Baileys itself stores them. */
export function encodeKey(value: unknown): Uint8Array {
  return Buffer.from(JSON.stringify(value, BufferJSON.replacer));
}

export function decodeKey(type: string, bytes: Uint8Array): unknown {
  const value = JSON.parse(Buffer.from(bytes).toString('utf8'), BufferJSON.reviver);
  // The only key that is a protobuf object; Baileys calls its methods.
  return type === 'app-state-sync-key' ? proto.Message.AppStateSyncKeyData.fromObject(value) : value;
}
