import type { ClaimedSend } from '#database';
import { EngineError, type OutgoingContent } from '#engine';
import type { MediaStorage } from '#storage';

/**
 * What the engine is asked to send, with the way to the media's bytes.
 * @throws EngineError when the row holds something that cannot be sent; it will never be possible.
 */
export function outgoingContent(send: ClaimedSend, storage: MediaStorage): OutgoingContent {
  const { content, storageKey } = send;
  if (
    content.kind === 'unsupported' ||
    content.kind === 'undecryptable' ||
    content.kind === 'choice' ||
    content.kind === 'album'
  ) {
    throw new EngineError('content_unsupported', 'This kind of message cannot be sent.', {
      retryable: false,
      outcome: 'not_sent',
    });
  }
  if ('media' in content && storageKey === null) {
    throw new EngineError('media_missing', 'The media of this message is not in storage.', {
      retryable: false,
      outcome: 'not_sent',
    });
  }
  return {
    content,
    ...(storageKey === null ? {} : { openMedia: () => storage.open(storageKey) }),
    ...(send.quoted === null ? {} : { quoted: send.quoted }),
  };
}
