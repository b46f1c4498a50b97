import ICAL from 'ical.js';
import type { ContactCard } from '#contracts';

/** What people know of somebody whose card they send. */
export interface CardFacts {
  name: string;
  /** Digits with country code. */
  phone: string;
  email?: string;
  organization?: string;
}

/** A card that is none, or that has no name. */
export class CardUnreadable extends Error {}

/** Longest card that is read. */
const MAX_CARD_LENGTH = 100_000;

/**
 * A vCard 3.0 as WhatsApp's phones write it: `waid` on the number is what lets the recipient write to it at once. Phones
 * look for that parameter in small letters.
 */
export function makeCard({ name, phone, email, organization }: CardFacts): ContactCard {
  const card = new ICAL.Component(['vcard', [], []]);
  card.addPropertyWithValue('version', '3.0');
  card.addProperty(new ICAL.Property(['n', {}, 'text', ['', name, '', '', '']]));
  card.addPropertyWithValue('fn', name);
  if (organization) card.addPropertyWithValue('org', organization);
  card.addProperty(new ICAL.Property(['tel', { type: 'CELL', waid: phone }, 'phone-number', `+${phone}`]));
  if (email) card.addPropertyWithValue('email', email);
  return { name, vcard: card.toString().replace(/^(TEL[^:]*?);WAID=/gm, '$1;waid=') };
}

/** Takes a card as somebody wrote it. @throws CardUnreadable */
export function readCard(vcard: string): ContactCard {
  if (vcard.length > MAX_CARD_LENGTH) throw new CardUnreadable(`must be at most ${MAX_CARD_LENGTH} characters`);
  let name: unknown;
  try {
    const [first] = [ICAL.parse(vcard)].flat() as unknown[];
    // One card parses to [name, properties, components]; several to a list of those.
    const parsed = (typeof first === 'string' ? ICAL.parse(vcard) : first) as unknown[];
    if (parsed[0] !== 'vcard') throw new Error('no vCard');
    name = new ICAL.Component(parsed).getFirstPropertyValue('fn');
  } catch {
    throw new CardUnreadable('must be a vCard');
  }
  if (typeof name !== 'string' || name.trim() === '') throw new CardUnreadable('must have a name (FN)');
  return { name, vcard };
}
