import type { MediaGiven, MediaIntake, TakenMedia } from '../media/media-intake.js';
import { errorAtField } from '../messaging/error-at-field.js';
import type { UploadAsker } from '../uploads/upload-scope.js';
import { fileKey, type PlannedMessage } from './bulk-plan.js';

/** Downloads under way at once for one bulk request. */
const CONCURRENT_DOWNLOADS = 4;

/**
 * Takes in the files of planned messages, each different one once.
 * @returns the files of each message, in their order
 * @throws what `MediaIntake.take` throws, at the first message that names the file, such as `messages.3.content.url`
 */
export async function takeFiles(
  intake: Pick<MediaIntake, 'take'>,
  owner: UploadAsker,
  messages: PlannedMessage[],
): Promise<TakenMedia[][]> {
  const firstUse = new Map<string, { index: number; given: MediaGiven }>();
  for (const [index, { saying }] of messages.entries()) {
    for (const given of saying.files) {
      if (!firstUse.has(fileKey(given))) firstUse.set(fileKey(given), { index, given });
    }
  }
  const taken = new Map<string, TakenMedia>();
  const waiting = [...firstUse];
  let failed = false;
  const takeNext = async () => {
    for (let next = waiting.shift(); next && !failed; next = waiting.shift()) {
      const [key, { index, given }] = next;
      try {
        taken.set(key, await intake.take(owner, given));
      } catch (failure) {
        failed = true;
        throw errorAtField(failure, `messages.${index}.content`);
      }
    }
  };
  const results = await Promise.allSettled(Array.from({ length: CONCURRENT_DOWNLOADS }, takeNext));
  const failure = results.find((result) => result.status === 'rejected');
  if (failure) throw failure.reason;
  return messages.map(({ saying }) => saying.files.map((given) => taken.get(fileKey(given))!));
}
