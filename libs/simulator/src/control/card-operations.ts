import { CHAT_PARAMS, referenceIn } from './chat-operations.js';
import { field } from './field.js';
import { ControlError, type ControlInput } from './input.js';
import type { ControlOperation, ControlTopic } from './operation.js';
import { orRefused, REFUSALS } from './room-shapes.js';
import type { ControlScope } from './scope.js';

const PATH = '/people/{number}/chats/{chat}';
const MESSAGE = `${PATH}/messages/{message}`;
const { chat } = CHAT_PARAMS;
const FILE_KINDS = ['sticker', 'voice', 'round-video', 'view-once-image', 'view-once-video'] as const;
const CHOICE_KINDS = ['buttons', 'list', 'template'] as const;
const MARKS = ['pin', 'unpin', 'keep', 'unkeep', 'star', 'unstar'] as const;
const SENT = { answer: field.ref('Sent'), refusals: REFUSALS };

/** Messages of further kinds, and further things to do with a message. */
export function cardTopic(scope: ControlScope): ControlTopic {
  return {
    name: 'Further messages',
    about:
      'Places, contact cards, stickers, voice, events, invitations, buttons and lists; pinning, keeping, forwarding.',
    operations: [...cards(scope), ...questions(scope), ...marks(scope)],
  };
}

function cards(scope: ControlScope): ControlOperation[] {
  const params = { chat };
  return [
    {
      method: 'POST',
      path: `${PATH}/locations`,
      name: 'sendLocation',
      summary: 'The person sends a place, or where they are as it moves',
      params,
      body: {
        latitude: field.number('Degrees north', -6.2),
        longitude: field.number('Degrees east', 106.8),
        'name?': field.text('What it is called', 'Monas'),
        'address?': field.text('Where it is', 'Jakarta'),
        'sequence?': field.count('For a place that moves: which one of the sequence this is', 1),
      },
      ...SENT,
      run: (input) =>
        sent(() => {
          const person = scope.person(input);
          const [latitude, longitude] = [input.number('latitude'), input.number('longitude')];
          const sequence = input.optionalNumber('sequence');
          const to = input.param('chat');
          if (sequence !== undefined) return person.cards.liveLocation(to, { latitude, longitude }, { sequence });
          const [name, address] = [input.optionalText('name'), input.optionalText('address')];
          return person.cards.location(to, { latitude, longitude, name, address });
        }),
    },
    {
      method: 'POST',
      path: `${PATH}/contacts`,
      name: 'sendContacts',
      summary: 'The person sends contact cards',
      params,
      body: {
        contacts: field.list(
          field.object({ name: field.text('Name'), number: field.phone('Number') }, 'A card'),
          'Cards',
          [{ name: 'Ana', number: '6281300000002' }],
        ),
      },
      ...SENT,
      run: (input) =>
        sent(() => {
          const contacts = input.list<{ name: string; number: string }>('contacts');
          if (contacts.length === 0) throw new ControlError(400, '"contacts" must have at least one card');
          return scope.person(input).cards.contacts(input.param('chat'), ...contacts);
        }),
    },
    {
      method: 'POST',
      path: `${PATH}/files`,
      name: 'sendSpecialFile',
      summary: 'The person sends a sticker, a voice note, a round video, or a file to be looked at once',
      params,
      body: {
        kind: field.choice(FILE_KINDS, 'What it is'),
        file: field.file('The file'),
        'seconds?': field.count('How long it plays', 3),
        'caption?': field.text('The text below a file to be looked at once', 'look'),
      },
      ...SENT,
      run: (input) => sent(() => sendFile(scope, input)),
    },
    {
      method: 'POST',
      path: `${PATH}/group-invites`,
      name: 'sendGroupInvite',
      summary: 'The person sends the invitation to a group that a refused addition gave',
      params,
      body: {
        group: field.text('The address of the group', '120363001234567890@g.us'),
        code: field.text('The code of the invitation'),
        expiresAt: field.count('Until when it is good, milliseconds since 1970', 1_795_528_800_000),
        'caption?': field.text('The text below it', 'Come!'),
      },
      ...SENT,
      run: (input) =>
        sent(() =>
          scope.person(input).cards.groupInvite(input.param('chat'), {
            group: input.text('group'),
            code: input.text('code'),
            expiresAt: input.number('expiresAt'),
            caption: input.optionalText('caption'),
          }),
        ),
    },
  ];
}

function questions(scope: ControlScope): ControlOperation[] {
  const choices = field.list(
    field.object({ id: field.text('Its id'), text: field.text('What it says') }, 'A choice'),
    'The choices',
    [{ id: 'y', text: 'Yes' }],
  );
  return [
    {
      method: 'POST',
      path: `${PATH}/choices`,
      name: 'sendChoices',
      summary: 'The person offers buttons, a list or a template, as businesses do',
      params: { chat },
      body: { kind: field.choice(CHOICE_KINDS, 'In which form'), text: field.text('The question', 'Come?'), choices },
      ...SENT,
      run: (input) =>
        sent(() => {
          const kind = input.choice('kind', CHOICE_KINDS);
          const offered = input.list<{ id: string; text: string }>('choices');
          return scope.person(input).cards[kind](input.param('chat'), input.text('text'), offered);
        }),
    },
    {
      method: 'POST',
      path: `${PATH}/events`,
      name: 'sendEvent',
      summary: 'The person invites to an event',
      params: { chat },
      body: {
        name: field.text('What it is called', 'Picnic'),
        startsAt: field.count('Milliseconds since 1970', 1_798_761_600_000),
        'endsAt?': field.count('Milliseconds since 1970', 1_798_768_800_000),
        'description?': field.text('More about it', 'Bring food'),
      },
      ...SENT,
      run: (input) =>
        sent(() =>
          scope.person(input).messages.event(input.param('chat'), {
            name: input.text('name'),
            startsAt: input.number('startsAt'),
            endsAt: input.optionalNumber('endsAt'),
            description: input.optionalText('description'),
          }),
        ),
    },
    {
      method: 'PUT',
      path: `${PATH}/disappearing`,
      name: 'setDisappearing',
      summary: 'The person sets after how long new messages of the chat vanish',
      params: { chat },
      body: { seconds: field.count('0 for never', 86_400) },
      refusals: REFUSALS,
      run: (input) =>
        orRefused(async () => {
          const { messages, groups } = scope.person(input);
          const [to, seconds] = [input.param('chat'), input.number('seconds')];
          if (to.endsWith('@g.us')) groups.setDisappearing(to, seconds);
          else await messages.setDisappearing(to, seconds);
        }),
    },
  ];
}

function marks(scope: ControlScope): ControlOperation[] {
  return [
    {
      method: 'POST',
      path: `${MESSAGE}/choice`,
      name: 'chooseInChat',
      summary: 'The person chooses from the buttons, the list or the template of a message',
      params: CHAT_PARAMS,
      body: { id: field.text('The id of the choice', 'y') },
      ...SENT,
      run: (input) =>
        sent(() => {
          const person = scope.person(input);
          return person.cards.choose(referenceIn(person, input), input.text('id'));
        }),
    },
    {
      method: 'POST',
      path: `${MESSAGE}/forward`,
      name: 'forwardFromChat',
      summary: 'The person passes a message on to another chat',
      params: CHAT_PARAMS,
      body: { to: field.text('Number or address of the other chat', '6281300000003') },
      ...SENT,
      run: (input) =>
        sent(() => {
          const person = scope.person(input);
          return person.messages.forward(referenceIn(person, input), input.text('to'));
        }),
    },
    {
      method: 'PUT',
      path: `${MESSAGE}/mark`,
      name: 'markInChat',
      summary: 'The person pins, keeps or stars a message, or takes that back',
      params: CHAT_PARAMS,
      body: {
        mark: field.choice(MARKS, 'What to do'),
        'seconds?': field.count('For how long it is pinned; default a week', 604_800),
      },
      refusals: REFUSALS,
      run: (input) => orRefused(() => mark(scope, input)),
    },
  ];
}

async function mark(scope: ControlScope, input: ControlInput): Promise<void> {
  const person = scope.person(input);
  const reference = referenceIn(person, input);
  const what = input.choice('mark', MARKS);
  if (what === 'star' || what === 'unstar') person.messages.star(reference, what === 'star');
  else if (what === 'pin') await person.messages.pin(reference, input.optionalNumber('seconds'));
  else if (what === 'unpin') await person.messages.unpin(reference);
  else await person.messages.keep(reference, what === 'keep');
}

function sendFile(scope: ControlScope, input: ControlInput): Promise<string> {
  const { cards } = scope.person(input);
  const file = input.file('file');
  if (!file) throw new ControlError(400, '"file" is missing');
  const to = input.param('chat');
  const seconds = input.optionalNumber('seconds');
  const caption = input.optionalText('caption');
  switch (input.choice('kind', FILE_KINDS)) {
    case 'sticker':
      return cards.sticker(to, file.bytes);
    case 'voice':
      return cards.voice(to, file.bytes, seconds);
    case 'round-video':
      return cards.roundVideo(to, file.bytes, seconds);
    case 'view-once-image':
      return cards.viewOnce(to, 'image', file.bytes, caption);
    case 'view-once-video':
      return cards.viewOnce(to, 'video', file.bytes, caption);
  }
}

const sent = (act: () => Promise<string>): Promise<{ id: string }> => orRefused(async () => ({ id: await act() }));
