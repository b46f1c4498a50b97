import { errors } from '#contracts';
import { findPersonBy, type Tx } from '#database';
import { parseRecipient } from '#engine';

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/**
 * Whom a filter means by `me`, the id of a person, digits of a number, or a JID; null when it is nobody here.
 * @throws validation for what names nobody at all
 */
export async function senderOf(
  tx: Tx,
  organizationId: string,
  sender: string,
): Promise<{ personId: string } | 'me' | null> {
  if (sender === 'me') return sender;
  const personId = await findPersonBy(tx, organizationId, uuid.test(sender) ? { personId: sender } : addressOf(sender));
  return personId === null ? null : { personId };
}

function addressOf(sender: string): { phone: string } | { lid: string } {
  const address = parseRecipient(sender);
  if (address) return address.phone !== null ? { phone: address.phone } : { lid: address.lid! };
  throw errors.validation({
    fields: [{ path: 'sender', message: 'must be "me", the id of a person, a phone number or a JID of a person' }],
  });
}
