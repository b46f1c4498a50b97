import { WaitTimeout } from '../people/feed.js';
import type { MessageMatch, Person } from '../people/person.js';
import type { ReceivedMessage } from '../people/received-message.js';
import { ControlError, type ControlInput, type ControlOperation, type FileAnswer } from './operation.js';

const MEDIA_KINDS = ['image', 'video', 'audio', 'document', 'sticker'] as const;
const TYPING_STATES = ['composing', 'recording', 'paused'] as const;
const RECEIPT_STATES = ['delivered', 'read', 'played', 'retry', 'read-self'] as const;
const MAX_WAIT_MS = 600_000;

const WAIT_FIELDS = {
  'after?': 'only entries with a higher index; default 0',
  'timeoutMs?': 'default 10 000, at most 600 000; then 408',
};

const waiting = (input: ControlInput): { after?: number; timeoutMs: number } => ({
  after: input.optionalNumber('after'),
  timeoutMs: Math.min(input.optionalNumber('timeoutMs') ?? 10_000, MAX_WAIT_MS),
});

async function orTimeout<T>(wait: Promise<T>): Promise<T> {
  return wait.catch((error: Error) => {
    throw error instanceof WaitTimeout ? new ControlError(408, error.message) : error;
  });
}

/** What people send, receive, read and wait for. */
export function messageOperations(person: (input: ControlInput) => Person): ControlOperation[] {
  return [...sendOperations(person), ...inboxOperations(person), ...waitOperations(person)];
}

function sendOperations(person: (input: ControlInput) => Person): ControlOperation[] {
  return [
    {
      method: 'POST',
      path: '/people/{number}/messages',
      name: 'sendText, sendMedia',
      summary: 'The person sends a text or a file; answers when the network has taken it over',
      body: {
        to: 'phone number',
        'text?': 'the text, for a text message',
        'media?': `one of ${MEDIA_KINDS.join(', ')}, for a file`,
        'file?': 'its bytes in base64',
        'mimetype?': 'its type',
        'caption?': 'text below it',
        'fileName?': 'its name',
        'ptt?': 'true for a voice note',
        'quote?': 'index of the inbox record to quote',
        'id?': 'the WhatsApp id to use; using one twice sends a repeat',
      },
      run: async (input) => ({ id: await sendFrom(person(input), input) }),
    },
    {
      method: 'POST',
      path: '/people/{number}/reactions',
      name: 'sendReaction',
      summary: 'The person reacts to a message',
      body: { index: 'index of the inbox record', emoji: 'empty to take the reaction back' },
      run: async (input) => {
        const one = person(input);
        return { id: await one.sendReaction(recordAt(one, input.number('index')), input.text('emoji')) };
      },
    },
    {
      method: 'POST',
      path: '/people/{number}/typing',
      name: 'typing',
      summary: 'The person types, records, or stops',
      body: { to: 'phone number', 'state?': TYPING_STATES.join(', ') },
      run: (input) => person(input).typing(input.text('to'), input.choice('state', TYPING_STATES, 'composing')),
    },
  ];
}

function sendFrom(one: Person, input: ControlInput): Promise<string> {
  const to = input.text('to');
  const quoted = input.optionalNumber('quote');
  const options = { id: input.optionalText('id'), quote: quoted === undefined ? undefined : recordAt(one, quoted) };
  if (input.raw('media') === undefined) return one.sendText(to, input.text('text'), options);
  const file = input.file('file');
  if (!file) throw new ControlError(400, '"file" is missing');
  return one.sendMedia(to, input.choice('media', MEDIA_KINDS), file, {
    ...options,
    mimetype: input.optionalText('mimetype') ?? 'application/octet-stream',
    caption: input.optionalText('caption'),
    fileName: input.optionalText('fileName'),
    ptt: input.flag('ptt'),
  });
}

function inboxOperations(person: (input: ControlInput) => Person): ControlOperation[] {
  return [
    {
      method: 'GET',
      path: '/people/{number}/inbox',
      name: 'inbox',
      summary: 'Every message that the phone decrypted, in order, repeats included',
      query: { after: 'only those with a higher index', limit: 'at most so many' },
      run: (input) => {
        const { inbox } = person(input).phone;
        const records = inbox.list(input.queryNumber('after'), input.queryNumber('limit'));
        return { lastIndex: inbox.lastIndex, dropped: inbox.dropped, records };
      },
    },
    {
      method: 'GET',
      path: '/people/{number}/inbox/{index}/file',
      name: 'downloadMedia',
      summary: 'Fetches the file of a message from the media host and decrypts it; the answer is the file',
      run: async (input): Promise<FileAnswer> => {
        const message = recordAt(person(input), input.paramNumber('index'));
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
      query: { after: 'only those with a higher index', limit: 'at most so many' },
      run: (input) => person(input).phone.receipts.list(input.queryNumber('after'), input.queryNumber('limit')),
    },
    {
      method: 'POST',
      path: '/people/{number}/read',
      name: 'markRead',
      summary: 'The person reads messages, or plays them',
      body: { indexes: 'indexes of the inbox records', 'played?': 'true to play' },
      run: (input) => {
        const one = person(input);
        const messages = Object.values(input.object<number[]>('indexes') ?? {}).map((index) => recordAt(one, index));
        if (input.flag('played')) one.markPlayed(...messages);
        else one.markRead(...messages);
      },
    },
  ];
}

function waitOperations(person: (input: ControlInput) => Person): ControlOperation[] {
  return [
    {
      method: 'POST',
      path: '/people/{number}/expect-message',
      name: 'expectMessage',
      summary: 'Waits for a message, already here or yet to come',
      body: { match: 'the exact text, or an object of text, contains, id, from, kind, fromMe', ...WAIT_FIELDS },
      run: (input) => {
        const match = input.raw('match');
        if (typeof match !== 'string' && (typeof match !== 'object' || match === null)) {
          throw new ControlError(400, '"match" must be a text or an object');
        }
        return orTimeout(person(input).expectMessage(match as MessageMatch, waiting(input)));
      },
    },
    {
      method: 'POST',
      path: '/people/{number}/expect-typing',
      name: 'expectTyping',
      summary: 'Waits until somebody is typing to this person',
      body: { from: 'phone number', 'state?': TYPING_STATES.join(', '), ...WAIT_FIELDS },
      run: (input) => {
        const state = input.choice('state', TYPING_STATES, 'composing');
        return orTimeout(person(input).expectTyping(input.text('from'), { state, ...waiting(input) }));
      },
    },
    {
      method: 'POST',
      path: '/people/{number}/expect-receipt',
      name: 'expectReceipt',
      summary: 'Waits until a message that this person sent was delivered, read or played',
      body: { id: 'WhatsApp id', state: RECEIPT_STATES.join(', '), ...WAIT_FIELDS },
      run: (input) => {
        const state = input.choice('state', RECEIPT_STATES);
        return orTimeout(person(input).expectReceipt(input.text('id'), state, waiting(input)));
      },
    },
  ];
}

function recordAt(person: Person, index: number): ReceivedMessage {
  const [found] = person.phone.inbox.list(index - 1, 1);
  if (found?.index !== index) throw new ControlError(404, `${person.number} has no message ${index}`);
  return found;
}
