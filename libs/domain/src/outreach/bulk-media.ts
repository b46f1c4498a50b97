import type { Actor } from '#contracts';
import type { MediaIntake, TakenMedia } from '../media/media-intake.js';
import { errorAtField } from '../messaging/error-at-field.js';
import { fileKey, type PlannedMessage } from './bulk-plan.js';

/** Downloads under way at once for one bulk request. */
const CONCURRENT_DOWNLOADS = 4;

/**
 * Takes in the files of planned messages, each different one once.
 * @returns the file of each message, in their order; undefined for texts.
 * @throws what `MediaIntake.take` throws, at the first message that names the file, such as `messages.3.content.url`
 */
export async function takeFiles(
  intake: Pick<MediaIntake, 'take'>,
  owner: Pick<Actor, 'organizationId'>,
  messages: PlannedMessage[],
): Promise<(TakenMedia | undefined)[]> {
  const firstUse = new Map<string, number>();
  for (const [index, message] of messages.entries()) {
    const key = fileKey(message);
    if (key !== null && !firstUse.has(key)) firstUse.set(key, index);
  }
  const taken = new Map<string, TakenMedia>();
  const waiting = [...firstUse];
  let failed = false;
  const takeNext = async () => {
    for (let next = waiting.shift(); next && !failed; next = waiting.shift()) {
      const [key, index] = next;
      const { form, url, fileName, mimeType } = messages[index]!.file!;
      try {
        taken.set(key, await intake.take(owner, { form, url, fileName, mimeType }));
      } catch (failure) {
        failed = true;
        throw errorAtField(failure, `messages.${index}.content`);
      }
    }
  };
  const results = await Promise.allSettled(Array.from({ length: CONCURRENT_DOWNLOADS }, takeNext));
  const failure = results.find((result) => result.status === 'rejected');
  if (failure) throw failure.reason;
  return messages.map((message) => {
    const key = fileKey(message);
    return key === null ? undefined : taken.get(key);
  });
}
