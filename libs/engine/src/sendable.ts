import type { MediaFacts } from '#contracts';
import type { ChatAddress } from './chat-address.js';
import type { OutgoingAction, SendableContent } from './content.js';
import type { ChatKind, SendCapability } from './content-capabilities.js';
import { type Capabilities, EngineError } from './engine.js';

/** Where one writes, in words for sentences. */
const places: Record<ChatKind, string> = {
  user: 'a chat with one person',
  group: 'a group',
  newsletter: 'a newsletter',
  broadcast: 'a broadcast list',
  status: 'a status',
};

/**
 * Checks what can be known before anything goes out; whoever accepts messages may ask the same early.
 * @throws EngineError `not_supported`, `content_too_long`, `content_invalid`, `media_too_large`; each is certain and
 * stays so
 */
export function assertSendable(content: SendableContent, chat: Pick<ChatAddress, 'kind'>, can: Capabilities): void {
  const { kinds, viewOnce } = can.content;
  assertTo(kinds[content.kind], chat.kind, `${content.kind} messages`);
  if (content.viewOnce && !(viewOnce.kinds.includes(content.kind) && viewOnce.to.includes(chat.kind))) {
    throw refused('not_supported', `WhatsApp does not show a ${content.kind} once in ${places[chat.kind]}.`);
  }
  assertLengths(content, chat.kind, can);
  if ('media' in content) assertSize(content, can);
  switch (content.kind) {
    case 'poll':
      assertPoll(content, can);
      break;
    case 'contacts':
      assertCount('contacts', content.contacts.length, 1, can.content.maxContacts);
      break;
    case 'carousel':
      assertCount('cards', content.cards.length, 1, can.content.maxCarouselCards);
      break;
    case 'location':
    case 'live_location':
      assertPlace(content);
      break;
    case 'event':
      assertEvent(content);
      break;
    default:
  }
}

/**
 * The same for what is done to a message.
 * @throws EngineError as `assertSendable`
 */
export function assertActable(
  { action, target }: OutgoingAction,
  chat: Pick<ChatAddress, 'kind'>,
  can: Capabilities,
): void {
  const { actions, pinSeconds } = can.content;
  assertTo(actions[action.kind], chat.kind, action.kind.replace('_', ' '));
  if (action.kind === 'edit') {
    if (!target.fromMe) throw refused('not_supported', 'Only own messages can be edited.');
    assertLength('text', action.text, can.maxTextLength);
  }
  if (action.kind === 'revoke' && !target.fromMe && chat.kind !== 'group') {
    throw refused('not_supported', 'Messages of others can be deleted for everyone in groups only, by admins.');
  }
  if (action.kind === 'pin' && action.seconds !== null && !pinSeconds.includes(action.seconds)) {
    throw refused('content_invalid', `WhatsApp pins for ${pinSeconds.join(', ')} seconds.`);
  }
  if (chat.kind === 'group' && !target.fromMe && !target.author) {
    throw refused('content_invalid', 'In a group the author of the message has to be named.');
  }
}

function assertTo({ to }: SendCapability, chat: ChatKind, what: string): void {
  if (to.includes(chat)) return;
  if (chat === 'broadcast') {
    throw refused(
      'not_supported',
      'Linked devices cannot write to broadcast lists: the phone alone knows who is on them.',
    );
  }
  throw refused('not_supported', `WhatsApp has no ${what} in ${places[chat]}.`);
}

function assertLengths(content: SendableContent, chat: ChatKind, can: Capabilities): void {
  const { maxStatusTextLength, maxCaptionLength } = can.content;
  if (content.kind === 'text') {
    assertLength('text', content.text, chat === 'status' ? maxStatusTextLength : can.maxTextLength);
    if (content.text === '') throw refused('content_invalid', 'A text must not be empty.');
  }
  if ('caption' in content) assertLength('caption', content.caption, maxCaptionLength);
  if ('buttons' in content || 'sections' in content || 'cards' in content) {
    assertLength('text', content.text, can.maxTextLength);
  }
}

function assertLength(what: string, text: string | undefined, max: number): void {
  if (text !== undefined && text.length > max) {
    throw refused('content_too_long', `The ${what} has ${text.length} characters; WhatsApp takes ${max}.`);
  }
}

function assertSize({ kind, media }: Extract<SendableContent, { media: MediaFacts }>, can: Capabilities): void {
  const { maxBytes } = can.media[kind];
  if (media.sizeBytes !== null && media.sizeBytes > maxBytes) {
    throw refused('media_too_large', `The file has ${media.sizeBytes} bytes; as ${kind} WhatsApp takes ${maxBytes}.`);
  }
}

function assertPoll(content: Extract<SendableContent, { kind: 'poll' }>, can: Capabilities): void {
  const { maxQuestionLength, minOptions, maxOptions, maxOptionLength } = can.content.poll;
  const { question, options, selectable } = content;
  if (question === '') throw refused('content_invalid', 'A poll needs a question.');
  assertLength('question', question, maxQuestionLength);
  assertCount('options', options.length, minOptions, maxOptions);
  for (const option of options) {
    if (option === '') throw refused('content_invalid', 'An option must not be empty.');
    assertLength('option', option, maxOptionLength);
  }
  // Votes name options by their words.
  if (new Set(options).size < options.length) throw refused('content_invalid', 'The options of a poll must differ.');
  if (!Number.isInteger(selectable) || selectable < 0 || selectable > options.length) {
    throw refused('content_invalid', 'No more options can be chosen than there are; 0 means any number.');
  }
}

function assertCount(what: string, count: number, min: number, max: number): void {
  if (count < min || count > max) {
    throw refused('content_invalid', `There are ${count} ${what}; WhatsApp takes ${min} to ${max}.`);
  }
}

function assertPlace({ latitude, longitude }: { latitude: number; longitude: number }): void {
  if (!(Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180)) {
    throw refused('content_invalid', 'A place has a latitude of -90 to 90 and a longitude of -180 to 180 degrees.');
  }
}

function assertEvent({ name, startsAt, endsAt }: Extract<SendableContent, { kind: 'event' }>): void {
  const start = Date.parse(startsAt);
  if (name === '' || Number.isNaN(start)) throw refused('content_invalid', 'An event needs a name and a beginning.');
  if (endsAt !== undefined && !(Date.parse(endsAt) > start)) {
    throw refused('content_invalid', 'An event cannot end before it begins.');
  }
}

const refused = (code: string, message: string): EngineError =>
  new EngineError(code, message, { retryable: false, outcome: 'not_sent' });
