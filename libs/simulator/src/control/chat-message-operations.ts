import { CHAT_PARAMS, chatMessage, referenceIn } from './chat-operations.js';
import { field } from './field.js';
import type { ControlOperation, ControlTopic } from './operation.js';
import type { ControlScope } from './scope.js';

const PATH = '/people/{number}/chats/{chat}/messages/{message}';

/** What a person does with one message of a chat. */
export function chatMessageTopic(scope: ControlScope): ControlTopic {
  return {
    name: 'Messages of a chat',
    about: 'Reactions, votes, changes and deletions, each for a message that the phone shows.',
    operations: [
      reactToMessage(scope),
      voteInPoll(scope),
      respondToEvent(scope),
      editMessage(scope),
      revokeMessage(scope),
    ],
  };
}

function reactToMessage(scope: ControlScope): ControlOperation {
  return {
    method: 'PUT',
    path: `${PATH}/reaction`,
    name: 'reactInChat',
    summary: 'The person reacts to a message',
    params: CHAT_PARAMS,
    body: { emoji: field.text('Empty to take the reaction back', '👍') },
    answer: field.ref('Sent'),
    run: async (input) => {
      const person = scope.person(input);
      const message = referenceIn(person, input);
      return { id: await person.sendReaction(message, input.text('emoji')) };
    },
  };
}

function voteInPoll(scope: ControlScope): ControlOperation {
  return {
    method: 'PUT',
    path: `${PATH}/vote`,
    name: 'voteInChat',
    summary: 'The person votes in a poll; what was voted before no longer counts',
    params: CHAT_PARAMS,
    body: { options: field.list({ type: 'string' }, 'Names of the options; empty to take the vote back', ['Tea']) },
    answer: field.ref('Sent'),
    run: async (input) => {
      const person = scope.person(input);
      const message = referenceIn(person, input);
      return { id: await person.messages.vote(message, input.list<string>('options')) };
    },
  };
}

function respondToEvent(scope: ControlScope): ControlOperation {
  const responses = ['going', 'not-going', 'maybe'] as const;
  return {
    method: 'PUT',
    path: `${PATH}/response`,
    name: 'respondInChat',
    summary: 'The person says whether they come to an event',
    params: CHAT_PARAMS,
    body: { response: field.choice(responses, 'Whether they come') },
    answer: field.ref('Sent'),
    run: async (input) => {
      const person = scope.person(input);
      const message = referenceIn(person, input);
      return { id: await person.messages.respond(message, input.choice('response', responses)) };
    },
  };
}

function editMessage(scope: ControlScope): ControlOperation {
  return {
    method: 'PUT',
    path: PATH,
    name: 'editInChat',
    summary: 'The person changes the text of an own message',
    params: CHAT_PARAMS,
    body: { text: field.text('The new text', 'hello, all') },
    answer: field.ref('Sent'),
    run: async (input) => {
      const person = scope.person(input);
      const { origin } = chatMessage(person, input);
      return { id: await person.messages.edit(input.param('chat'), origin.id, input.text('text')) };
    },
  };
}

function revokeMessage(scope: ControlScope): ControlOperation {
  return {
    method: 'DELETE',
    path: PATH,
    name: 'revokeInChat',
    summary: 'The person deletes a message for everyone: an own one, or as an admin of the group that of somebody else',
    params: CHAT_PARAMS,
    answer: field.ref('Sent'),
    run: async (input) => {
      const person = scope.person(input);
      return { id: await person.messages.revoke(referenceIn(person, input)) };
    },
  };
}
