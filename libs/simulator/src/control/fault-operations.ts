import type { Faults } from '../network/faults.js';
import { field } from './field.js';
import type { ControlInput } from './input.js';
import type { ControlTopic } from './operation.js';
import type { ControlScope } from './scope.js';

/** Every fault, by the name of its method. */
const FAULTS: Record<string, (faults: Faults, input: ControlInput) => void> = {
  cut: (faults, input) => faults.cut(input.optionalNumber('device')),
  stall: (faults, input) => faults.stall(input.optionalNumber('device')),
  resume: (faults, input) => faults.resume(input.optionalNumber('device')),
  closeWith: (faults, input) => faults.closeWith(input.number('code'), input.optionalNumber('device')),
  dropNextAcks: (faults, input) => faults.dropNextAcks(input.optionalNumber('count')),
  delayAcks: (faults, input) => faults.delayAcks(input.number('delayMs')),
  nackNext: (faults, input) => faults.nackNext(input.number('code'), input.optionalNumber('count')),
  loseNextReceipts: (faults, input) => faults.loseNextReceipts(input.optionalNumber('count')),
  omitNextOfflineMarkers: (faults, input) => faults.omitNextOfflineMarkers(input.optionalNumber('count')),
  corruptNextMessages: (faults, input) => faults.corruptNextMessages(input.optionalNumber('count')),
  halfOpen: (faults, input) => faults.halfOpen(input.optionalNumber('device')),
  failNextLogins: (faults, input) => faults.failNextLogins(input.number('code'), input.optionalNumber('count')),
  refuseNextQueries: (faults, input) =>
    faults.refuseNextQueries(input.number('code'), {
      count: input.optionalNumber('count'),
      xmlns: input.optionalText('xmlns'),
    }),
  exhaustPrekeys: (faults, input) => faults.exhaustPrekeys(input.optionalNumber('device')),
  restrict: (faults, input) => faults.restrict({ durationMs: input.optionalNumber('delayMs') }),
  liftRestriction: (faults) => faults.liftRestriction(),
  clear: (faults) => faults.clear(),
};

const WHAT = ['drop', 'delay', 'duplicate', 'reorder'] as const;
const DIRECTIONS = ['to-client', 'from-client'] as const;

/** What can be made to go wrong. */
export function faultTopic(scope: ControlScope): ControlTopic {
  const { simulation } = scope;
  return {
    name: 'Faults',
    about: "Trouble on purpose, for the linked devices of one account. A simulated phone's own connection never fails.",
    operations: [
      {
        method: 'GET',
        path: '/people/{number}/faults',
        name: 'faults',
        summary: 'The faults of an account that last, or wait for their occasion',
        answer: field.ref('Faults'),
        run: (input) => scope.person(input).account.faults.pending,
      },
      {
        method: 'POST',
        path: '/people/{number}/faults',
        name: 'fault',
        summary: 'Makes something go wrong for the linked devices of an account',
        body: {
          fault: field.choice(Object.keys(FAULTS), 'What; `clear` ends every fault that lasts'),
          'device?': field.count('One device only (cut, stall, resume, halfOpen, closeWith, exhaustPrekeys)', 1),
          'code?': field.count(
            'For closeWith: 401, 403, 408, 411, 428, 440, 500, 503, 515; for nackNext: for instance 463, 475, 479; for failNextLogins: for instance 401, 403, 405, 503; for refuseNextQueries: for instance 429',
            503,
          ),
          'count?': field.count('How many of the next; default 1', 1),
          'delayMs?': field.count('For delayAcks: how late; for restrict: how long, default a day', 3_000),
          'xmlns?': field.text('For refuseNextQueries: questions of this namespace only', 'usync'),
        },
        details:
          '`cut` breaks the connection, `halfOpen` does so without telling the client, `stall` makes it silent until `resume`. `dropNextAcks`, `delayAcks`, `nackNext` concern the answers to its messages; `corruptNextMessages`, `loseNextReceipts`, `omitNextOfflineMarkers` what it gets. `restrict` lets the number write only to people it knows (463).',
        run: (input) => FAULTS[input.text('fault')]?.(simulation.faults(input.param('number')), input),
      },
      {
        method: 'POST',
        path: '/people/{number}/disturbances',
        name: 'disturb',
        summary: 'Drops, delays, doubles or reorders stanzas of one kind between the network and the linked devices',
        details: 'What is left out does not narrow it. It lasts until so many stanzas were struck, or until `clear`.',
        body: {
          what: field.choice(WHAT, 'What happens to them; only stanzas to the client are doubled'),
          'direction?': field.choice(DIRECTIONS, 'Default to-client'),
          'stanza?': field.text('Only stanzas with this tag', 'receipt'),
          'type?': field.text('Only with this `type`, or this `class` of an ack', 'read'),
          'device?': field.count('One device only', 1),
          'count?': field.count('How many; all by default', 3),
          'delayMs?': field.count('For delay and reorder; default 1 000', 2_000),
        },
        run: (input) =>
          void simulation.faults(input.param('number')).disturb({
            what: input.choice('what', WHAT),
            direction: input.choice('direction', DIRECTIONS, 'to-client'),
            stanza: input.optionalText('stanza'),
            type: input.optionalText('type'),
            device: input.optionalNumber('device'),
            count: input.optionalNumber('count'),
            delayMs: input.optionalNumber('delayMs'),
          }),
      },
    ],
  };
}
