/**
 * What a message says, in our words: stored in `messages.content`, carried in events and webhooks, given to the engine.
 * To add a kind: an arm here, `engine/src/baileys/content/<kind>.ts` with both directions, a DTO.
 */
export type MediaKind = 'image' | 'video' | 'audio' | 'document';

/** Facts of a media file. The bytes are in storage under `mediaId`; null until an inbound file has been downloaded. */
export interface MediaFacts {
  mediaId: string | null;
  mimeType: string;
  sizeBytes: number | null;
  /** Lower-case hex SHA-256 of the plain bytes. */
  sha256: string | null;
  fileName?: string;
  widthPx?: number;
  heightPx?: number;
  durationSeconds?: number;
}

export type MessageContent =
  | { kind: 'text'; text: string }
  | { kind: 'image'; media: MediaFacts; caption?: string }
  | { kind: 'video'; media: MediaFacts; caption?: string }
  | { kind: 'audio'; media: MediaFacts; voice: boolean }
  | { kind: 'document'; media: MediaFacts; caption?: string }
  /** Something this version does not translate yet; `type` is WhatsApp's own name of the part. Kept, never dropped. */
  | { kind: 'unsupported'; type: string }
  /** A message that could not be decrypted. WhatsApp may deliver it again; then the row is completed. */
  | { kind: 'undecryptable'; reason: string };

export type MessageKind = MessageContent['kind'];
