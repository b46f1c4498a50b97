import { type OrganizationSealer, queueDownloads, type Tx } from '#database';
import type { ChatAddress, InboundMessage, MessageTarget } from '#engine';

/** What is needed to fetch the file of a message, and to ask the phone for it again. */
export interface DownloadTicket {
  /** The engine's token. */
  token: Uint8Array;
  chat: ChatAddress;
  target: MessageTarget;
}

/** The place that the seal of a ticket is tied to. */
const place = (messageId: string): string => `media.download:${messageId}`;

/** A ticket holds the key of the file: it is stored sealed. */
export function sealTicket(sealer: OrganizationSealer, messageId: string, { token, chat, target }: DownloadTicket) {
  const text = JSON.stringify({ token: Buffer.from(token).toString('base64'), chat, target });
  return sealer.seal(Buffer.from(text), place(messageId));
}

export function openTicket(sealer: OrganizationSealer, messageId: string, sealed: Buffer): DownloadTicket {
  const { token, chat, target } = JSON.parse(String(sealer.open(sealed, place(messageId))));
  return { token: Buffer.from(token, 'base64'), chat, target };
}

/**
 * Remembers which files of new messages are to be fetched, and which when somebody asks for them, in the transaction
 * that stores the messages.
 * @returns whether some are to be fetched now
 */
export async function queueWaitingFiles(
  tx: Tx,
  owner: { organizationId: string; profileId: string },
  sealer: OrganizationSealer,
  messages: { id: string; fact: InboundMessage }[],
): Promise<boolean> {
  const downloads = messages.flatMap(({ id, fact }) => {
    const { content, download: token, chat, waMessageId, fromMe, author } = fact;
    if (!token || !('media' in content) || content.media.missing === 'too_large') return [];
    const ticket = { token, chat, target: { waMessageId, fromMe, author } };
    return {
      messageId: id,
      sealed: sealTicket(sealer, id, ticket),
      sizeBytes: content.media.sizeBytes,
      isWanted: content.media.missing !== 'on_demand',
    };
  });
  if (downloads.length > 0) await queueDownloads(tx, owner, downloads);
  return downloads.some((download) => download.isWanted);
}
