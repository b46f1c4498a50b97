import { type SendableContent, whatsAppCapabilities } from '#engine';
import type { MediaGiven } from '../media/media-intake.js';
import { makeCard } from '../messaging/contact-card.js';
import { textContent } from '../messaging/message-draft.js';
import type { MappedFields } from './mapped-fields.js';
import { phoneOf } from './mapped-phone.js';

/** Kinds that are a file, and which form it is sent in. */
const fileKinds = ['image', 'video', 'gif', 'round_video', 'audio', 'voice', 'document', 'sticker'] as const;
type FileKind = (typeof fileKinds)[number];

/** The kinds of message that a hook can send, as single sends do. */
export const hookMessageKinds = ['text', ...fileKinds, 'location', 'contacts', 'poll', 'event'] as const;
export type HookMessageKind = (typeof hookMessageKinds)[number];

/** What is to be said: as it is, or with a file that is still to be fetched. */
export type HookMessage =
  | { content: SendableContent; linkPreview?: boolean }
  | { given: MediaGiven; caption: string | undefined };

/** Problems are left with the fields: assert them. */
export function messageOf(kind: HookMessageKind, fields: MappedFields, country: string | null): HookMessage {
  if (isFileKind(kind)) {
    const given = {
      form: kind,
      url: fields.needed('url'),
      fileName: fields.optional('fileName'),
      mimeType: fields.optional('mimeType'),
    };
    return { given, caption: fields.optional('caption') };
  }
  if (kind === 'text') {
    const text = fields.needed('text');
    const linkPreview = fields.has('linkPreview') ? fields.text('linkPreview') === 'true' : undefined;
    return { content: text === '' ? { kind: 'text', text } : textContent(text, 'message.text'), linkPreview };
  }
  return { content: contentOf(kind, fields, country) };
}

function contentOf(
  kind: 'location' | 'contacts' | 'poll' | 'event',
  fields: MappedFields,
  country: string | null,
): SendableContent {
  switch (kind) {
    case 'location': {
      const latitude = fields.number('latitude', { min: -90, max: 90 });
      const longitude = fields.number('longitude', { min: -180, max: 180 });
      return {
        kind,
        latitude,
        longitude,
        ...given({ name: fields.optional('name'), address: fields.optional('address') }),
      };
    }
    case 'contacts': {
      const contacts = fields.objects('contacts');
      if (contacts.length === 0) fields.wrong('contacts', 'must have at least one card');
      return { kind, contacts: contacts.map((card) => cardOf(card, country)) };
    }
    case 'poll': {
      const { maxOptions } = whatsAppCapabilities.content.poll;
      const selectable = fields.has('selectable') ? fields.number('selectable', { min: 0, max: maxOptions }) : 1;
      return { kind, question: fields.needed('question'), options: fields.texts('options'), selectable };
    }
    case 'event': {
      const place = fields.optional('place');
      return {
        kind,
        name: fields.needed('name'),
        startsAt: fields.time('startsAt'),
        ...given({
          endsAt: fields.has('endsAt') ? fields.time('endsAt') : undefined,
          description: fields.optional('description'),
          place: place === undefined ? undefined : { name: place },
          joinLink: fields.optional('joinLink'),
        }),
      };
    }
  }
}

function cardOf(card: MappedFields, country: string | null) {
  return makeCard({
    name: card.needed('name'),
    phone: phoneOf(card, 'phone', country),
    email: card.optional('email'),
    organization: card.optional('organization'),
  });
}

function isFileKind(kind: HookMessageKind): kind is FileKind {
  return fileKinds.includes(kind as FileKind);
}

/** Without what is undefined. */
function given<T extends object>(values: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as never;
}
