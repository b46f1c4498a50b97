import { errors } from '#contracts';
import { parseRecipient } from '#engine';

/**
 * Reads the number of the phone that is to be linked.
 * @throws validation
 */
export function pairingPhone(input: string): string {
  const phone = parseRecipient(input)?.phone;
  if (phone) return phone;
  throw errors.validation({
    fields: [{ path: 'phoneNumber', message: 'must be a phone number with country code, such as +4915112345678' }],
  });
}
