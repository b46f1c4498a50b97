import { type Fields, field, objectOf, type Schema } from './field.js';

const at = field.count('Milliseconds since 1970', 1_795_269_600_000);

const inboxRecord: Fields = {
  index: field.count('Position in this inbox, from 1', 1),
  id: field.text('WhatsApp message id', '3EB0C431C26A1916E07A'),
  from: field.phone('Phone number of the author', '6281200000001'),
  fromDevice: field.count("Which of the author's devices sent it; 0 is the phone", 1),
  chat: field.text('The conversation: phone number of the other side, or the address of a group', '6281200000001'),
  fromMe: field.flag("True for a copy of what the account's own linked device sent", false),
  kind: field.text('What it is: text, image, reaction, poll …', 'text'),
  'text?': field.text('The text, the caption, or the emoji of a reaction', 'hello'),
  'refersTo?': field.text('Id of the message that is quoted, reacted to, edited or revoked', '3EB0A9253F7A1B2C3D4E'),
  'media?': {
    type: 'object',
    description: 'The file, when it has one',
    properties: {
      kind: field.text('image, video, audio, document or sticker', 'image'),
      mimetype: field.text('Its type', 'image/jpeg'),
      fileName: field.text('Its name', 'photo.jpg'),
      fileLength: field.count('Its size in bytes', 48_211),
      ptt: field.flag('True for a voice note', true),
    },
    required: ['kind', 'mimetype', 'fileLength'],
  },
  repeat: field.count('How many records of the same author and id came before: above 0 it is a harmless repeat', 0),
  at,
};

const chatLine: Fields = {
  index: field.count('Position among all messages of this phone, from 1, never reused', 3),
  id: field.text('WhatsApp message id', '3EB0C431C26A1916E07A'),
  sender: field.phone('Phone number of the author', '6281200000001'),
  senderName: field.text('The name that the author goes by', 'Shop'),
  fromMe: field.flag('Written by the owner of the phone, on any device', false),
  kind: field.text('What it is: text, image, poll … or notice for a line about the group itself', 'text'),
  'text?': field.text('The text or caption', 'hello'),
  'media?': field.any('Kind, type, size and measures of the file'),
  'quoted?': field.any('The message that it answers'),
  'poll?': field.any('Question and options, each with the numbers of who chose it'),
  'event?': field.any('Name, time, and who comes'),
  reactions: field.list({ type: 'object' }, 'Each emoji and who chose it', [
    { emoji: '👍', senders: ['6281300000002'] },
  ]),
  edited: field.flag('Its text was changed', false),
  'revoked?': field.any('Deleted for everyone, and by whom'),
  'ticks?': field.choice(
    ['pending', 'sent', 'delivered', 'read', 'played', 'failed'],
    'How far an own message has come',
    'read',
  ),
  at,
};

const chatSummary: Fields = {
  id: field.text('Phone number of the other side, or the address of a group, channel or the status', '6281200000001'),
  kind: field.choice(['direct', 'group', 'newsletter', 'status'], 'What kind of chat'),
  title: field.text('Name or subject', 'Shop'),
  unread: field.count('How many messages are unread', 1),
  'disappearingSeconds?': field.count('Seconds after which new messages vanish', 86_400),
  pinned: field.list({ type: 'string' }, 'Ids of pinned messages, newest pin first', []),
  readOnly: field.flag('The person can no longer write here', false),
  'lastMessage?': field.ref('ChatMessage'),
};

const stanza: Fields = {
  sequence: field.count('Position in the log, from 1', 42),
  at,
  direction: field.choice(['in', 'out'], 'in: the client sent it; out: the network did'),
  who: field.text('Number and device, "pairing", or "unknown" before the login', '6281200000001:1'),
  tag: field.text('The tag', 'message'),
  attrs: field.any('Its attributes', { id: '3EB0C431C26A1916E07A', type: 'text' }),
  content: field.list({ type: 'string' }, 'Tags of its children', ['participants']),
};

/** The shapes that answers are made of. Each may grow fields; none loses one. */
export const schemas: Record<string, Schema> = {
  Person: open({
    number: field.phone('Phone number, digits only'),
    lid: field.text('The other, hidden identifier', '104512345678901'),
    name: field.text('The push name that others see', 'Ana'),
    addressing: field.choice(['lid', 'pn'], 'How this account sees others'),
    isOnline: field.flag('Whether the phone has network', true),
    habits: field.any('What the person does by itself', { read: { afterMs: 1_000 } }),
    lastIndex: field.count('Index of the newest inbox record', 3),
    unread: field.count('Unread messages in all chats', 1),
    devices: field.list(field.ref('Device'), 'Linked devices', [{ device: 1, isConnected: true, waiting: 0 }]),
  }),
  Device: open({
    device: field.count('Its number; the phone itself is 0', 1),
    name: field.text('What it called itself when it was linked', 'Mac OS (chrome)'),
    isConnected: field.flag('Logged in now', true),
    waiting: field.count('Stanzas it has not confirmed', 0),
  }),
  WaitingClient: open({
    id: field.count('Its number among those that have waited', 1),
    name: field.text('What it calls itself', 'Mac OS (chrome)'),
    since: field.count('Milliseconds since 1970', 1_795_269_600_000),
    'number?': field.phone('The phone number that it wants to be linked to by code'),
    'label?': field.text('What whoever showed its QR code called it', 'Shop'),
    shown: field.flag('Its QR code was shown, so that it can be scanned by its id', true),
  }),
  LinkedDevice: open({
    number: field.phone('The account', '6281200000001'),
    device: field.count('The number of the new device', 1),
  }),
  InboxRecord: open(inboxRecord),
  ChatSummary: open(chatSummary),
  Chat: open({ ...chatSummary, messages: field.list(field.ref('ChatMessage'), 'Oldest first') }),
  ChatMessage: open(chatLine),
  Receipt: open({
    index: field.count('Position among the receipts of this phone, from 1', 1),
    id: field.text('The message it is about', '3EB0C431C26A1916E07A'),
    from: field.phone('Whose device says so', '6281200000001'),
    fromDevice: field.count('Which device', 1),
    state: field.choice(['delivered', 'read', 'played', 'retry', 'read-self'], 'What became of the message'),
    at,
  }),
  Typing: open({
    index: field.count('Position, from 1', 1),
    from: field.phone('Who is typing', '6281200000001'),
    state: field.choice(['composing', 'recording', 'paused'], 'What they do'),
    at,
  }),
  Sent: open({ id: field.text('WhatsApp id of the new message', '3EB0C431C26A1916E07A') }),
  Problem: open({
    kind: field.text('What is wrong, in one word of a closed list', 'unknown-stanza'),
    who: field.text('Whose connection it was: number and device, or "unknown"', '6281200000001:1'),
    detail: field.text('What exactly', 'iq w:b get dirty'),
    at,
  }),
  Stanza: open(stanza),
  Faults: open({
    dropAcks: field.count('How many of the next acknowledgements are swallowed', 0),
    ackDelayMs: field.count('How late every acknowledgement comes', 3_000),
    nack: field.any('How many of the next messages are refused, and with which code', { count: 1, code: 463 }),
    loginFailure: field.any('How many of the next logins fail, and with which code', { count: 0, code: 0 }),
    queryRefusal: field.any('How many of the next questions are refused, and with which code', { count: 0, code: 0 }),
    loseReceipts: field.count('How many of the next receipts are forgotten', 0),
    omitOfflineMarkers: field.count('How many of the next logins end without the offline marker', 0),
    corruptMessages: field.count('How many of the next messages arrive damaged', 0),
    disturbances: field.count('How many disturbances of stanzas are still to strike', 0),
    restricted: field.flag('The number is restricted', false),
  }),
  StanzaText: open({
    ...stanza,
    xml: field.text('As text that looks like XML; long contents are cut', '<ack id="3EB0C431C26A1916E07A"/>'),
    'decrypted?': field.object(
      {
        by: field.phone('Whose phone read it', '6281300000002'),
        kind: field.text('What it is', 'text'),
        'text?': field.text('The text', 'hello'),
      },
      'For a message: what a phone of the simulation decrypted from it',
    ),
  }),
  Network: open({
    clock: field.object(
      {
        now: field.count('Milliseconds since 1970', 1_795_269_600_000),
        driven: field.flag('It stands still until a test advances it'),
      },
      'The time of the network',
    ),
    seed: field.text('Repeats this run when it is given as the option `seed`', '5f3a9c1e'),
    people: field.count('How many people have a phone', 2),
    waiting: field.count('How many clients wait to be linked', 0),
    problems: field.count('How many problems were noted', 0),
  }),
  Error: open({
    error: field.text('What is wrong and what to do, as a sentence', '"to" is missing'),
    code: field.text('The same in one word', 'invalid'),
  }),
};

/** Answers may hold more than is described. */
function open(fields: Fields): Schema {
  return { ...objectOf(fields), additionalProperties: true };
}
