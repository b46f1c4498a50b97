import { field } from './field.js';
import { numbersOf } from './group-operations.js';
import { ControlError } from './input.js';
import type { ControlTopic } from './operation.js';
import type { ControlScope } from './scope.js';

const MODES = ['contacts', 'except', 'only'] as const;

/** The status of people: what they post for a day, to whom, and what they look at. */
export function statusTopic(scope: ControlScope): ControlTopic {
  return {
    name: 'Status',
    about: 'What people post for a day, who sees it, and what they look at.',
    operations: [
      {
        method: 'GET',
        path: '/people/{number}/status',
        name: 'statuses',
        summary: 'The statuses of others that the phone shows now, and the own ones with who has seen them',
        answer: field.object(
          { others: field.listOf('ChatMessage'), own: field.listOf('ChatMessage') },
          'Nothing is older than a day',
        ),
        run: (input) => {
          const { status } = scope.person(input);
          return { others: status.list(), own: status.own() };
        },
      },
      {
        method: 'POST',
        path: '/people/{number}/status',
        name: 'postStatus',
        summary: 'The person posts a text or a picture',
        body: {
          'text?': field.text('The text, or what stands below the picture', 'sunny here'),
          'image?': field.file('A picture, a JPEG'),
        },
        answer: field.ref('Sent'),
        run: async (input) => {
          const { status } = scope.person(input);
          const image = input.file('image');
          if (image) return { id: await status.postImage(image.bytes, input.optionalText('text')) };
          return { id: await status.postText(input.text('text')) };
        },
      },
      {
        method: 'PUT',
        path: '/people/{number}/status/audience',
        name: 'setStatusAudience',
        summary: 'The person chooses who sees the next statuses',
        body: {
          mode: field.choice(MODES, 'All contacts, all but some, only some'),
          'numbers?': field.phones('Those who are meant', []),
        },
        answer: field.object({ audience: field.phones('Who would see one now') }, 'The audience'),
        run: (input) => {
          const { status } = scope.person(input);
          status.setAudience(input.choice('mode', MODES), numbersOf(input));
          return { audience: status.audience };
        },
      },
      {
        method: 'POST',
        path: '/people/{number}/status/{id}/view',
        name: 'viewStatus',
        summary: 'The person looks at a status; its author learns of it',
        params: { id: field.text('The id of the status', '3EB0C431C26A1916E07A') },
        run: (input) => {
          const { status, number } = scope.person(input);
          const found = status.list().find(({ id }) => id === input.param('id'));
          if (!found) throw new ControlError(404, `${number} sees no status ${input.param('id')}`);
          status.view({ id: found.id, from: found.sender });
        },
      },
      {
        method: 'DELETE',
        path: '/people/{number}/status/{id}',
        name: 'deleteStatus',
        summary: 'The person deletes an own status for everyone',
        params: { id: field.text('The id of the status', '3EB0C431C26A1916E07A') },
        run: async (input) => {
          const { status, number } = scope.person(input);
          const found = status.own().find(({ id }) => id === input.param('id'));
          if (!found) throw new ControlError(404, `${number} has no status ${input.param('id')}`);
          await status.revoke(found.id);
        },
      },
    ],
  };
}
