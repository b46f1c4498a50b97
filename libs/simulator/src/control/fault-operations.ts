import type { Faults } from '../network/faults.js';
import type { Simulation } from '../simulation.js';
import { ControlError, type ControlInput, type ControlOperation } from './operation.js';

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

/** What can go wrong, and what did. */
export function faultOperations(simulation: Simulation): ControlOperation[] {
  return [
    {
      method: 'POST',
      path: '/people/{number}/faults',
      name: 'fault',
      summary: 'Makes something go wrong for the linked devices of an account',
      body: {
        fault: Object.keys(FAULTS).join(', '),
        'device?': 'one device only (cut, stall, resume, closeWith)',
        'code?': 'for closeWith: 401, 408, 428, 440, 500, 503, 515; for nackNext: for instance 463 or 479',
        'count?': 'how many of the next; default 1',
        'delayMs?': 'for delayAcks',
      },
      run: (input) => {
        const fault = FAULTS[input.text('fault')];
        if (!fault) throw new ControlError(400, `"fault" must be one of ${Object.keys(FAULTS).join(', ')}`);
        fault(simulation.faults(input.param('number')), input);
      },
    },
    {
      method: 'GET',
      path: '/problems',
      name: 'problems',
      summary: 'What clients did wrong, or asked that this version cannot do',
      run: () => simulation.problems,
    },
    {
      method: 'DELETE',
      path: '/problems',
      name: 'clearProblems',
      summary: 'Forgets the problems',
      run: () => simulation.clearProblems(),
    },
    {
      method: 'GET',
      path: '/health',
      name: 'assertHealthy',
      summary: 'Says whether there are problems, or anything unconfirmed by a device that is connected',
      run: () => {
        try {
          simulation.assertHealthy();
          return { healthy: true };
        } catch (error) {
          return { healthy: false, reason: (error as Error).message };
        }
      },
    },
  ];
}
