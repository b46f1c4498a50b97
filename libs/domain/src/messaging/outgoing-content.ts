import type { Readable } from 'node:stream';
import type { MessageAction, MessageContent } from '#contracts';
import type { ClaimedSend } from '#database';
import { EngineError, type OutgoingAction, type OutgoingContent, type SendableContent } from '#engine';
import type { MediaStorage } from '#storage';

/**
 * What the engine is asked to send, with the way to the bytes of its media.
 * @throws EngineError when the row holds something that cannot be sent; it will never be possible.
 */
export function outgoingContent(send: ClaimedSend, storage: MediaStorage): OutgoingContent {
  const content = sendable(send.content);
  const files = send.files ?? {};
  if (mediaIdsOf(content).some((mediaId) => mediaId !== null && files[mediaId] === undefined)) {
    throw notSent('media_missing', 'The media of this message is not in storage.');
  }
  return {
    content,
    ...(send.files === null ? {} : { openMedia: (mediaId) => openFile(files, mediaId, storage) }),
    ...(send.quoted === null ? {} : { quoted: send.quoted }),
  };
}

/** What the engine is asked to do to a message. @throws EngineError when the message is gone. */
export function outgoingAction({ content, target }: ClaimedSend): OutgoingAction {
  if (target === null) throw notSent('message_gone', 'The message is not here any more.');
  const { content: targetContent, ...name } = target;
  return { action: content as MessageAction, target: name, targetContent };
}

const unsendable = ['unsupported', 'undecryptable', 'choice', 'album'];

function sendable(content: ClaimedSend['content']): SendableContent {
  if (unsendable.includes(content.kind)) {
    throw notSent('content_unsupported', 'This kind of message cannot be sent.');
  }
  return content as SendableContent;
}

/** Null for a file that WhatsApp still has and that is passed on. */
function mediaIdsOf(content: MessageContent): (string | null)[] {
  if (content.kind === 'carousel') return content.cards.flatMap(({ media }) => media?.media.mediaId ?? []);
  return 'media' in content ? [content.media.mediaId] : [];
}

async function openFile(
  files: Record<string, string>,
  mediaId: string | null,
  storage: MediaStorage,
): Promise<Readable> {
  const key = mediaId === null ? undefined : files[mediaId];
  if (key === undefined) throw notSent('media_missing', 'The media of this message is not in storage.');
  return storage.open(key);
}

function notSent(code: string, message: string): EngineError {
  return new EngineError(code, message, { retryable: false, outcome: 'not_sent' });
}
