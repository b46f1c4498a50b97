import { errors, type Said } from '#contracts';
import { type MessageDraft, recipientOf } from '#domain';
import type { UserChat } from '#engine';
import type { AddressIn } from './send.dto.js';

/**
 * To whom a message goes, and what it answers.
 * @throws recipientInvalid; validation for an audience of anything but a status
 */
export function addressOf(body: Omit<AddressIn, 'profileId'>): Pick<MessageDraft, 'to' | 'quoted' | 'audience'> {
  const to = recipientOf(body.to, 'to');
  const audience = body.audience?.map((one, index) => personOf(one, `audience.${index}`));
  if (to.kind !== 'status' && audience) throw at('audience', 'is of statuses only: `to` says who gets other messages');
  return { to, quoted: body.quotedMessageId ?? undefined, ...(audience ? { audience } : {}) };
}

/** What the message says besides. @throws recipientInvalid */
export function besidesOf({
  mentions,
  disappearsInSeconds,
}: Pick<AddressIn, 'mentions' | 'disappearsInSeconds'>): Said {
  const named = mentions?.map((one, index) => personOf(one, `mentions.${index}`)) ?? [];
  return {
    ...(named.length > 0 ? { mentions: named } : {}),
    ...(disappearsInSeconds ? { disappearsInSeconds } : {}),
  };
}

function personOf(given: string, field: string): Pick<UserChat, 'phone' | 'lid'> {
  const person = recipientOf(given, field);
  if (person.kind === 'user') return { phone: person.phone, lid: person.lid };
  throw at(field, 'must be a person: a phone number or <lid>@lid');
}

const at = (path: string, message: string) => errors.validation({ fields: [{ path, message }] });
