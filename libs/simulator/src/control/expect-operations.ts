import { field } from './field.js';
import type { ControlOperation, ControlTopic } from './operation.js';
import { type ControlScope, WAIT_FIELDS } from './scope.js';

const TYPING_STATES = ['composing', 'recording', 'paused'] as const;
const RECEIPT_STATES = ['delivered', 'read', 'played', 'retry', 'read-self'] as const;
const LATE = { 408: 'It did not happen in time' };

const MATCH = field.object(
  {
    'text?': field.text('The exact text', 'hello'),
    'contains?': field.text('A part of the text', 'hell'),
    'id?': field.text('WhatsApp id'),
    'from?': field.phone('Author'),
    'kind?': field.text('What it is', 'image'),
    'fromMe?': field.flag("Sent by the account's own linked device"),
  },
  'All of them must fit',
);

/** Waiting for what should happen: long polls that answer as soon as it has. */
export function expectTopic(scope: ControlScope): ControlTopic {
  return {
    name: 'Expectations',
    about:
      'Each of these waits for something and answers when it is there, with it; or with 408 when it does not come.',
    operations: [expectMessage(scope), expectTyping(scope), expectReceipt(scope)],
  };
}

function expectMessage(scope: ControlScope): ControlOperation {
  return {
    method: 'POST',
    path: '/people/{number}/expect-message',
    name: 'expectMessage',
    summary: 'Waits for a message, already here or yet to come',
    body: {
      match: {
        oneOf: [field.text('The exact text', 'hello'), MATCH],
        description: 'Which message',
        examples: [{ contains: 'hell', kind: 'text' }],
      },
      ...WAIT_FIELDS,
    },
    answer: field.ref('InboxRecord'),
    refusals: LATE,
    run: (input) => {
      const match = input.raw('match') as string | { text?: string };
      return scope.orTimeout(scope.person(input).expectMessage(match, scope.waiting(input)));
    },
  };
}

function expectTyping(scope: ControlScope): ControlOperation {
  return {
    method: 'POST',
    path: '/people/{number}/expect-typing',
    name: 'expectTyping',
    summary: 'Waits until somebody is typing to this person',
    body: {
      from: field.phone('Who', '6281200000001'),
      'state?': field.choice(TYPING_STATES, 'Default composing'),
      ...WAIT_FIELDS,
    },
    answer: field.ref('Typing'),
    refusals: LATE,
    run: (input) => {
      const state = input.choice('state', TYPING_STATES, 'composing');
      return scope.orTimeout(scope.person(input).expectTyping(input.text('from'), { state, ...scope.waiting(input) }));
    },
  };
}

function expectReceipt(scope: ControlScope): ControlOperation {
  return {
    method: 'POST',
    path: '/people/{number}/expect-receipt',
    name: 'expectReceipt',
    summary: 'Waits until a message that this person sent was delivered, read or played',
    body: {
      id: field.text('WhatsApp id', '3EB0C431C26A1916E07A'),
      state: field.choice(RECEIPT_STATES, 'What is waited for'),
      ...WAIT_FIELDS,
    },
    answer: field.ref('Receipt'),
    refusals: LATE,
    run: (input) => {
      const state = input.choice('state', RECEIPT_STATES);
      return scope.orTimeout(scope.person(input).expectReceipt(input.text('id'), state, scope.waiting(input)));
    },
  };
}
