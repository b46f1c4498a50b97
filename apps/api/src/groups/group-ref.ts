import { errors, type ProfileId } from '#contracts';
import { type GroupRef } from '#domain';
import { type Address, parseRecipient } from '#engine';

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const chatId = /^([\d-]{5,40})@g\.us$/;

/**
 * Reads which group a path names: our id, or `<id>@g.us` of a profile.
 * @throws validation
 */
export function groupRef(text: string, profileId: ProfileId | undefined): GroupRef {
  if (uuid.test(text)) return { id: text.toLowerCase(), ...(profileId ? { profileId } : {}) };
  const waId = chatId.exec(text)?.[1];
  if (!waId) throw invalid('groupId', 'must be the UUID of a group, or <id>@g.us');
  if (!profileId) throw invalid('profileId', 'is needed when the group is named by <id>@g.us');
  return { waId, profileId };
}

/** Reads people as callers write them. @throws validation */
export function participantAddresses(participants: string[]): Address[] {
  return participants.map((text, index) => {
    const address = parseRecipient(text);
    if (!address)
      throw invalid(`participants.${index}`, 'must be a phone number with country code, or the id of a user');
    return address;
  });
}

const invalid = (path: string, message: string) => errors.validation({ fields: [{ path, message }] });
