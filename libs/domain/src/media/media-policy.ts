import type { MediaKind, MissingMedia } from '#contracts';
import type { InboundFact } from '#engine';

/** Which files of received messages are fetched when they arrive; the others wait until somebody asks for them. */
export interface MediaPolicy {
  download: 'on_arrival' | 'on_demand';
  /** Larger files wait until somebody asks. */
  maxBytes: number;
  /** Other kinds wait until somebody asks. */
  kinds: MediaKind[];
}

export const mediaKinds: readonly MediaKind[] = ['image', 'video', 'audio', 'document', 'sticker'];

/** WhatsApp takes no larger file than 2 GB (faq.whatsapp.com, "How to send media"). */
export const LARGEST_FILE_BYTES = 2 * 1024 * 1024 * 1024;

export const defaultMediaPolicy: MediaPolicy = {
  download: 'on_arrival',
  maxBytes: 100 * 1024 * 1024,
  kinds: [...mediaKinds],
};

/** Says of a message with a file why that is not here yet. */
export function withMissing(fact: InboundFact, policy: MediaPolicy): InboundFact {
  if (fact.type !== 'message' || !('media' in fact.content)) return fact;
  const { content } = fact;
  const missing = missingAtFirst(fact, content.kind, content.media.sizeBytes, policy);
  return { ...fact, content: { ...content, media: { ...content.media, missing } } };
}

function missingAtFirst(
  { download, isHistory }: Extract<InboundFact, { type: 'message' }>,
  kind: MediaKind,
  sizeBytes: number | null,
  policy: MediaPolicy,
): MissingMedia {
  if (!download) return 'no_file';
  if ((sizeBytes ?? 0) > LARGEST_FILE_BYTES) return 'too_large';
  // Old files are many, and most are never looked at again.
  const waits = policy.download === 'on_demand' || isHistory === true;
  return waits || (sizeBytes ?? 0) > policy.maxBytes || !policy.kinds.includes(kind) ? 'on_demand' : 'waiting';
}
