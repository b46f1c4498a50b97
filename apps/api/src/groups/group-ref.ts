import { errors, type ProfileId } from '#contracts';
import type { GroupName, GroupRef } from '#domain';
import { type Address, parseRecipient } from '#engine';

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const chatId = /^([\d-]{5,40})@g\.us$/;

/** Reads the name of a group: our id, or `<id>@g.us`. @throws validation */
export function groupName(text: string, path = 'groupId'): GroupName {
  if (uuid.test(text)) return { id: text.toLowerCase() };
  const waId = chatId.exec(text)?.[1];
  if (!waId) throw invalid(path, 'must be the UUID of a group, or <id>@g.us');
  return { waId };
}

/**
 * Reads which group a path names: our id, or `<id>@g.us` of a profile.
 * @throws validation
 */
export function groupRef(text: string, profileId: ProfileId | undefined, path = 'groupId'): GroupRef {
  const name = groupName(text, path);
  if ('id' in name) return { ...name, ...(profileId ? { profileId } : {}) };
  if (!profileId) throw invalid('profileId', 'is needed when the group is named by <id>@g.us');
  return { ...name, profileId };
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
