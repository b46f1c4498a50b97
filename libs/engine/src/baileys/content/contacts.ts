import type { proto } from '@whiskeysockets/baileys';
import type { ContactCard, MessageContent } from '#contracts';

type Contacts = Extract<MessageContent, { kind: 'contacts' }>;

const cardFrom = ({ displayName, vcard }: proto.Message.IContactMessage): ContactCard => ({
  name: displayName ?? '',
  vcard: vcard ?? '',
});

export function contactsFrom(message: proto.IMessage): Contacts | null {
  const { contactMessage, contactsArrayMessage } = message;
  if (contactMessage) return { kind: 'contacts', contacts: [cardFrom(contactMessage)] };
  if (!contactsArrayMessage) return null;
  return { kind: 'contacts', contacts: (contactsArrayMessage.contacts ?? []).map(cardFrom) };
}

/** One card travels alone, several as a list. */
export function contactsProto({ contacts }: Contacts): proto.IMessage {
  const [only, ...more] = contacts.map(({ name, vcard }) => ({ displayName: name, vcard }));
  if (only && more.length === 0) return { contactMessage: only };
  return {
    contactsArrayMessage: {
      displayName: `${contacts.length} contacts`,
      contacts: contacts.map(({ name, vcard }) => ({ displayName: name, vcard })),
    },
  };
}
