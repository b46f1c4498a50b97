import type { Person } from '../people/person.js';
import { type Fields, field } from './field.js';
import { ControlError, type ControlInput } from './input.js';
import type { ControlOperation, ControlTopic, FileAnswer } from './operation.js';
import type { ControlScope } from './scope.js';

const MEDIA_KINDS = ['image', 'video', 'audio', 'document', 'sticker'] as const;
const TYPING_STATES = ['composing', 'recording', 'paused'] as const;

/** The fields of a message that somebody writes. */
export const SEND_FIELDS: Fields = {
  'text?': field.text('The text, for a text message', 'hi'),
  'media?': field.choice(MEDIA_KINDS, 'What kind of file it is, for a file'),
  'file?': field.file('The file'),
  'mimetype?': field.text('Its type', 'image/jpeg'),
  'caption?': field.text('The text below it', 'look'),
  'fileName?': field.text('Its name', 'photo.jpg'),
  'ptt?': field.flag('True for a voice note', false),
  'seconds?': field.count('How long a sound or a video is', 3),
  'id?': field.text('The WhatsApp id to use; using one twice sends a repeat', '3EB0C431C26A1916E07A'),
};

const PAGE = {
  after: field.count('Only those with a higher index', 0),
  limit: field.count('At most so many', 100),
};

/** What people send, receive and read. */
export function messageTopic(scope: ControlScope): ControlTopic {
  return {
    name: 'Messages',
    about: "What a person writes, and what the person's phone has decrypted.",
    operations: [...sendOperations(scope), ...inboxOperations(scope)],
  };
}

function sendOperations(scope: ControlScope): ControlOperation[] {
  return [
    {
      method: 'POST',
      path: '/people/{number}/messages',
      name: 'sendMessage',
      summary: 'The person sends a text or a file; answers when the network has taken it over',
      details:
        'A file goes as base64 in JSON, or as the part `file` of `multipart/form-data` beside the other fields; then its type and name are those of the part unless given.',
      body: {
        to: field.phone('Who gets it', '6281200000001'),
        ...SEND_FIELDS,
        'quote?': field.count('Index of the inbox record to quote', 1),
      },
      example: { to: '6281200000001', text: 'hi' },
      answer: field.ref('Sent'),
      run: async (input) => ({ id: await sendFrom(scope, scope.person(input), input) }),
    },
    {
      method: 'POST',
      path: '/people/{number}/reactions',
      name: 'sendReaction',
      summary: 'The person reacts to a message',
      body: {
        index: field.count('Index of the inbox record', 1),
        emoji: field.text('Empty to take the reaction back', '👍'),
      },
      answer: field.ref('Sent'),
      run: async (input) => {
        const one = scope.person(input);
        return { id: await one.sendReaction(scope.message(one, input.number('index')), input.text('emoji')) };
      },
    },
    {
      method: 'POST',
      path: '/people/{number}/typing',
      name: 'typing',
      summary: 'The person types, records, or stops',
      body: {
        to: field.phone('Who sees it', '6281200000001'),
        'state?': field.choice(TYPING_STATES, 'Default composing'),
      },
      run: (input) => scope.person(input).typing(input.text('to'), input.choice('state', TYPING_STATES, 'composing')),
    },
    {
      method: 'POST',
      path: '/people/{number}/read',
      name: 'markRead',
      summary: 'The person reads messages, or plays them',
      body: {
        indexes: field.list({ type: 'integer' }, 'Indexes of the inbox records', [1]),
        'played?': field.flag('True to play a voice note or a video', false),
      },
      run: (input) => {
        const one = scope.person(input);
        const messages = input.list<number>('indexes').map((index) => scope.message(one, index));
        if (input.flag('played')) one.markPlayed(...messages);
        else one.markRead(...messages);
      },
    },
  ];
}

function sendFrom(scope: ControlScope, one: Person, input: ControlInput): Promise<string> {
  const to = input.text('to');
  const quoted = input.optionalNumber('quote');
  const options = {
    id: input.optionalText('id'),
    quote: quoted === undefined ? undefined : scope.message(one, quoted),
  };
  const media = mediaFrom(input);
  if (!media) return one.sendText(to, input.text('text'), options);
  return one.sendMedia(to, media.kind, media.file, { ...media.options, ...options });
}

/** The file of a request with `SEND_FIELDS`, and what goes with it; nothing when it is a text. */
export function mediaFrom(input: ControlInput) {
  if (input.raw('media') === undefined) return undefined;
  const kind = input.choice('media', MEDIA_KINDS);
  const file = input.file('file');
  if (!file) throw new ControlError(400, '"file" is missing: base64 in JSON, or a part of multipart/form-data');
  const options = {
    mimetype: input.optionalText('mimetype') ?? file.mimetype ?? 'application/octet-stream',
    caption: input.optionalText('caption'),
    fileName: input.optionalText('fileName') ?? (kind === 'document' ? file.fileName : undefined),
    ptt: input.flag('ptt'),
    seconds: input.optionalNumber('seconds'),
  };
  return { kind, file: file.bytes, options };
}

function inboxOperations(scope: ControlScope): ControlOperation[] {
  return [
    {
      method: 'GET',
      path: '/people/{number}/inbox',
      name: 'inbox',
      summary: 'Every message that the phone decrypted, in order, repeats included',
      query: PAGE,
      answer: field.object(
        {
          lastIndex: field.count('Index of the newest record', 1),
          dropped: field.count('How many of the oldest were dropped to stay within the limit', 0),
          records: field.listOf('InboxRecord'),
        },
        'A part of the inbox',
      ),
      run: (input) => {
        const { inbox } = scope.person(input).phone;
        const records = inbox.list(input.queryNumber('after'), input.queryNumber('limit'));
        return { lastIndex: inbox.lastIndex, dropped: inbox.dropped, records };
      },
    },
    {
      method: 'GET',
      path: '/people/{number}/inbox/{index}/file',
      name: 'downloadMedia',
      summary: 'Fetches the file of a message from the media host and decrypts it; the answer is the file',
      answer: field.file('The plain file'),
      run: async (input): Promise<FileAnswer> => {
        const message = scope.message(scope.person(input), input.paramNumber('index'));
        const file = await message.downloadMedia().catch((error: Error) => {
          throw new ControlError(404, error.message);
        });
        return { file, mimetype: message.content.media?.mimetype ?? 'application/octet-stream' };
      },
    },
    {
      method: 'GET',
      path: '/people/{number}/receipts',
      name: 'receipts',
      summary: 'What became of the messages that the person sent',
      query: PAGE,
      answer: field.listOf('Receipt'),
      run: (input) => scope.person(input).phone.receipts.list(input.queryNumber('after'), input.queryNumber('limit')),
    },
  ];
}
