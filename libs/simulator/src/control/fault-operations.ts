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
  clear: (faults) => faults.clear(),
};

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
          'device?': field.count('One device only (cut, stall, resume, closeWith)', 1),
          'code?': field.count(
            'For closeWith: 401, 408, 428, 440, 500, 503, 515; for nackNext: for instance 463 or 479',
            503,
          ),
          'count?': field.count('How many of the next; default 1', 1),
          'delayMs?': field.count('For delayAcks', 3_000),
        },
        run: (input) => FAULTS[input.text('fault')]?.(simulation.faults(input.param('number')), input),
      },
    ],
  };
}
