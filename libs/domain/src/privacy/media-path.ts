import type { MediaFile } from '#database';

/** The id keeps names apart; the name, which others chose, is only told in the messages. */
export function mediaPath({ id, mimeType }: Pick<MediaFile, 'id' | 'mimeType'>): string {
  const extension = /^[a-z]+\/([a-z0-9]{1,8})(;|$)/.exec(mimeType)?.[1];
  return `media/${id}${extension ? `.${extension}` : ''}`;
}
