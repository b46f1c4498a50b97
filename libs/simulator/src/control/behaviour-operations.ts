import type { Limits } from '../network/policies.js';
import { BEHAVIOURS, type Behaviour } from '../people/behaviours/behaviour.js';
import { type Fields, field } from './field.js';
import { ControlError } from './input.js';
import type { ControlTopic } from './operation.js';
import type { ControlScope } from './scope.js';

const LIMITS: Fields = {
  'messagesPerMinute?': field.count('Messages from the linked devices of an account', 60),
  'newChatsPerDay?': field.count('First messages to strangers; one more restricts the account', 250),
  'restrictionMs?': field.count('How long such a restriction lasts', 86_400_000),
  'userQueriesPerMinute?': field.count('Questions about users', 60),
  'groupQueriesPerMinute?': field.count('Questions about groups', 30),
  'groupsCreatedPerDay?': field.count('Groups made', 20),
  'pairingCodesPerHour?': field.count('Pairing codes for one number', 10),
  'stanzasPerSecond?': field.count('Stanzas on one connection; one more is a flood', 20_000),
  'companions?': field.count('Linked devices of one phone', 4),
};

/** What people do by themselves, and what the network lets accounts do. */
export function behaviourTopic(scope: ControlScope): ControlTopic {
  const { simulation } = scope;
  return {
    name: 'Behaviours and limits',
    about: 'What people do without being told, by the clock and the seed; and what the network lets accounts do.',
    operations: [
      {
        method: 'GET',
        path: '/people/{number}/behaviours',
        name: 'behaviours',
        summary: 'What a person keeps doing',
        run: (input) => ({ behaviours: scope.person(input).behaviours.list }),
      },
      {
        method: 'PUT',
        path: '/people/{number}/behaviours',
        name: 'setBehaviours',
        summary: 'Ends what a person does and begins these behaviours',
        details: `Each has the field \`does\`: ${BEHAVIOURS.join(', ')}; the README names the others.`,
        body: { behaviours: field.list({ type: 'object' }, 'The behaviours; none ends all', [{ does: 'echo' }]) },
        run: (input) => {
          const behaviours = input.raw('behaviours') as Behaviour[];
          const unknown = behaviours.find((one) => !BEHAVIOURS.includes(one.does));
          if (unknown) throw new ControlError(400, `"does" must be one of ${BEHAVIOURS.join(', ')}`);
          const { behaviours: own } = scope.person(input);
          own.replace(behaviours);
          return { behaviours: own.list };
        },
      },
      {
        method: 'GET',
        path: '/limits',
        name: 'limits',
        summary: 'What the network lets accounts do; what is left out has no limit',
        run: () => simulation.limits,
      },
      {
        method: 'PUT',
        path: '/limits',
        name: 'setLimits',
        summary: 'Replaces all limits; an empty body lifts them',
        body: LIMITS,
        run: (input) => {
          const names = Object.keys(LIMITS).map((name) => name.replace('?', ''));
          const given = names.flatMap((name) => {
            const value = input.optionalNumber(name);
            return value === undefined ? [] : [[name, value]];
          });
          simulation.limits = Object.fromEntries(given) as Limits;
          return simulation.limits;
        },
      },
    ],
  };
}
