import type { BroadcastMessage, ContactCard, TemplateContent, TemplateType } from '#contracts';
import type { SendableContent } from '#engine';
import type { MediaForm } from '../media/preparation/prepared-media.js';
import { CardUnreadable, makeCard, readCard } from '../messaging/contact-card.js';
import { fileSaying, plainSaying, type Saying } from '../messaging/saying.js';
import { problemOfText } from '../templates/template-content.js';
import { interactiveTypes, readInteractive } from './interactive-message.js';
import { readSource } from './media-source.js';
import { Fields, given, invalid } from './message-fields.js';
import { assertWords } from './message-words.js';

/** What a variant says, read and checked: no file is fetched and no template looked up yet. */
export type ReadMessage = { kind: 'saying'; saying: Saying } | { kind: 'template'; templateId: string };

/** Messages with a file, by the names that v1 has for them. */
const forms: Record<string, MediaForm> = {
  image: 'image',
  video: 'video',
  audio: 'audio',
  voice: 'voice',
  gif: 'gif',
  document: 'document',
  sticker: 'sticker',
  'video-note': 'round_video',
};

/** All types of messages that a broadcast can say. */
export const broadcastMessageTypes = [
  'text',
  ...Object.keys(forms),
  ...['location', 'contact', 'poll', 'event'],
  ...interactiveTypes,
  'template',
];

/**
 * Reads a message as a single send has it, without its address; `text` under a file is its caption, as the older product
 * has it. Its words may have places for variables.
 * @throws validation at `path`
 */
export function readMessage(message: BroadcastMessage, path: string): ReadMessage {
  const { type } = message;
  const said = new Fields(message, path);
  if (type === 'template') return { kind: 'template', templateId: said.uuid('templateId') };
  const form = Object.hasOwn(forms, type) ? forms[type] : undefined;
  if (form) return { kind: 'saying', saying: readFile(form, type, said) };
  if (interactiveTypes.includes(type)) return { kind: 'saying', saying: readInteractive(type, said) };
  const content = readPlain(type, said, message);
  assertWords(content, path);
  return { kind: 'saying', saying: plainSaying(content) };
}

function readPlain(type: string, said: Fields, message: BroadcastMessage): SendableContent {
  switch (type) {
    case 'text':
      return { kind: 'text', text: said.text('text') };
    case 'location': {
      const named = { name: said.maybe('name'), address: said.maybe('address') };
      const at = { latitude: said.number('latitude', 90), longitude: said.number('longitude', 180) };
      return { kind: 'location', ...at, ...given(named) };
    }
    case 'poll': {
      const selectable = said.maybeCount('selectable') ?? (said.isTrue('allowMultipleAnswers') ? 0 : 1);
      return { kind: 'poll', question: said.text('question'), options: said.texts('options'), selectable };
    }
    case 'event': {
      const place = said.maybe('place');
      const times = { startsAt: said.moment('startsAt'), ...given({ endsAt: said.maybeMoment('endsAt') }) };
      const more = given({ description: said.maybe('description'), joinLink: said.maybe('joinLink') });
      return {
        kind: 'event',
        name: said.text('name'),
        ...times,
        ...more,
        ...(place ? { place: { name: place } } : {}),
      };
    }
    case 'contact':
      return { kind: 'contacts', contacts: cardsOf(message, said.path) };
    default:
      throw invalid(`${said.path}.type`, `must be one of: ${broadcastMessageTypes.join(', ')}`);
  }
}

/** What a template says, as a message of a broadcast. @throws validation */
export function messageOfTemplate(type: TemplateType, content: TemplateContent, path: string): ReadMessage {
  return readMessage({ type: type === 'audio' && content.ptt ? 'voice' : type, ...content }, path);
}

function readFile(form: MediaForm, type: string, said: Fields): Saying {
  const source = readSource(said);
  const caption = said.maybe('caption') ?? said.maybe('text') ?? '';
  const problem = problemOfText(caption);
  if (problem !== null) throw said.wrong('caption', problem);
  if (caption !== '' && ['audio', 'voice', 'sticker', 'video-note'].includes(type)) {
    throw said.wrong('caption', `is no part of a ${type} message`);
  }
  const isVoice = form === 'audio' && said.isTrue('ptt');
  return fileSaying({ ...source, form: isVoice ? 'voice' : form }, caption);
}

function cardsOf(message: BroadcastMessage, path: string): ContactCard[] {
  const { contacts = [message] } = message;
  if (!Array.isArray(contacts) || contacts.length === 0)
    throw invalid(`${path}.contacts`, 'must be a list of contacts');
  return contacts.map((contact: unknown, index) => {
    const at = `${path}.contacts.${index}`;
    if (typeof contact !== 'object' || contact === null) throw invalid(at, 'must be an object');
    const said = new Fields(contact as Record<string, unknown>, at);
    const vcard = said.maybe('vcard');
    try {
      if (vcard !== undefined) return readCard(vcard);
    } catch (error) {
      if (!(error instanceof CardUnreadable)) throw error;
      throw invalid(`${at}.vcard`, error.message);
    }
    const phone = said.text('phone').replace(/\D/g, '');
    if (!/^[1-9]\d{6,14}$/.test(phone)) throw invalid(`${at}.phone`, 'must be a phone number with country code');
    const more = { email: said.maybe('email'), organization: said.maybe('organization') };
    return makeCard({ name: said.text('name'), phone, ...given(more) });
  });
}
