import type { UploadId } from '#contracts';
import type { MediaGiven } from '../media/media-intake.js';
import type { Fields } from './message-fields.js';

const sources = ['url', 'base64', 'uploadId'] as const;

/** Where the file of a message comes from. It is taken in once, for all recipients. @throws validation */
export function readSource(said: Fields): Omit<MediaGiven, 'form' | 'at'> {
  const url = said.maybe('url');
  const base64 = said.maybe('base64');
  const uploadId = said.maybeUuid('uploadId') as UploadId | undefined;
  const given = { url, base64, uploadId };
  const [first, second] = sources.filter((name) => given[name] !== undefined);
  if (first === undefined || second !== undefined) {
    throw said.wrong(second ?? 'url', 'exactly one of url, base64 and uploadId is needed');
  }
  if (url?.includes('{{')) {
    throw said.wrong('url', 'must not have variables: a broadcast takes its file in once, for all recipients');
  }
  return { ...given, mimeType: said.maybe('mimetype'), fileName: said.maybe('filename') };
}
