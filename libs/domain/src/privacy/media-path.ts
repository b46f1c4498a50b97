import type { MediaFile } from '#database';

/** Endings that programs know, where the type is called otherwise. */
const endings: Record<string, string> = {
  'text/plain': 'txt',
  'image/jpeg': 'jpg',
  'audio/mpeg': 'mp3',
  'audio/mp4': 'm4a',
  'video/quicktime': 'mov',
  'application/msword': 'doc',
  'application/vnd.ms-excel': 'xls',
  'application/vnd.ms-powerpoint': 'ppt',
  'application/vnd.openxmlformats-officedocument.wordprocessingml.document': 'docx',
  'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet': 'xlsx',
  'application/vnd.openxmlformats-officedocument.presentationml.presentation': 'pptx',
};

/** The id keeps names apart; the name, which others chose, is only told in the messages. */
export function mediaPath({ id, mimeType }: Pick<MediaFile, 'id' | 'mimeType'>): string {
  const type = mimeType.split(';')[0]!.trim();
  const ending = endings[type] ?? /^[a-z]+\/([a-z0-9]{1,8})$/.exec(type)?.[1];
  return `media/${id}${ending ? `.${ending}` : ''}`;
}
