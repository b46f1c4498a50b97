import type { ChatKind, ChatMessage } from '../api/types.ts';

const KINDS: Record<string, string> = {
  image: 'Picture',
  video: 'Video',
  audio: 'Audio',
  document: 'Document',
  sticker: 'Sticker',
  location: 'Location',
  contact: 'Contact card',
  poll: 'Poll',
  event: 'Event',
  invite: 'Invitation to a group',
};

/** A message in one line. */
export function preview(message: ChatMessage | undefined, chat: ChatKind = 'direct'): string {
  if (!message) return 'Nothing written yet';
  const who = chat === 'group' && !message.fromMe && message.kind !== 'notice' ? `${message.senderName}: ` : '';
  return who + contentLine(message);
}

export function contentLine({ revoked, media, poll, event, kind, text }: ChatMessage): string {
  if (revoked) return 'Deleted';
  if (media?.voice) return 'Voice message';
  if (poll) return `Poll: ${poll.question}`;
  if (event) return `Event: ${event.name}`;
  const name = kindLine(kind);
  if (media && text) return `${name}: ${text}`;
  return text || media?.fileName || name;
}

/** What a kind of message is called. */
export const kindLine = (kind: string): string => KINDS[kind] ?? `Message of kind “${kind}”`;
