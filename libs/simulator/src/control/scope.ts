import { WaitTimeout } from '../people/feed.js';
import type { Person } from '../people/person.js';
import type { ReceivedMessage } from '../people/received-message.js';
import type { Simulation } from '../simulation.js';
import { type Fields, field } from './field.js';
import { ControlError, type ControlInput } from './input.js';

const DEFAULT_WAIT_MS = 10_000;
const MAX_WAIT_MS = 600_000;

/** The fields of an operation that waits. */
export const WAIT_FIELDS: Fields = {
  'after?': field.count('Only entries with a higher index count; default 0: what has already happened counts too', 0),
  'timeoutMs?': field.count('Default 10 000, at most 600 000; then 408', 5_000),
};

/** What every operation works with: the simulation, and how requests name things in it. */
export class ControlScope {
  constructor(readonly simulation: Simulation) {}

  /** The person that `{number}` of the path names; 404 when nobody has it. */
  person(input: ControlInput): Person {
    const number = input.param('number');
    const found = this.simulation.findPerson(number);
    if (!found) throw new ControlError(404, `nobody has the number ${number} in this simulation`);
    return found;
  }

  /** The inbox record with this index; 404 when the phone has none. */
  message(person: Person, index: number): ReceivedMessage {
    const [found] = person.phone.inbox.list(index - 1, 1);
    if (found?.index !== index) throw new ControlError(404, `${person.number} has no message ${index} in the inbox`);
    return found;
  }

  /** `after` and `timeoutMs` of a request that waits. */
  waiting(input: ControlInput): { after?: number; timeoutMs: number } {
    return {
      after: input.optionalNumber('after'),
      timeoutMs: Math.min(input.optionalNumber('timeoutMs') ?? DEFAULT_WAIT_MS, MAX_WAIT_MS),
    };
  }

  /** A wait that ran out answers 408. */
  async orTimeout<T>(wait: Promise<T>): Promise<T> {
    return wait.catch((error: Error) => {
      throw error instanceof WaitTimeout ? new ControlError(408, error.message) : error;
    });
  }

  /** What the simulated network refuses in its present state answers 409. */
  async orConflict<T>(act: () => T | Promise<T>): Promise<T> {
    try {
      return await act();
    } catch (error) {
      throw isRefusal(error) ? new ControlError(409, (error as Error).message) : error;
    }
  }
}

/** A sentence that the simulation says on purpose, as against a mistake in its own code. */
export const isRefusal = (error: unknown): boolean =>
  error instanceof Error &&
  !(error instanceof ControlError) &&
  ![TypeError, RangeError, ReferenceError, SyntaxError].some((mistake) => error instanceof mistake);
