import type { ChangeKind } from '../changes.js';
import { DrivenClock } from '../time/clock.js';
import { changeStream } from './change-stream.js';
import { field } from './field.js';
import { ControlError } from './input.js';
import type { ControlTopic } from './operation.js';
import type { ControlScope } from './scope.js';

/** The network as a whole: where it is, and what was seen on it. */
export function networkTopic({ simulation }: ControlScope): ControlTopic {
  return {
    name: 'Network',
    about: 'Where clients connect, what happened on the wire, and whether all is well.',
    operations: [
      {
        method: 'GET',
        path: '/info',
        name: 'info',
        summary: 'Where clients connect and what they must trust',
        answer: field.object(
          {
            url: field.text('Websocket address for clients', 'ws://127.0.0.1:4101/ws/chat'),
            rootKeyHex: field.text('Root of the Noise certificate chain, in hex'),
            caPem: field.text("Authority of the media host's certificate, PEM"),
          },
          'Three facts that a client must be told',
        ),
        run: () => ({ url: simulation.url, rootKeyHex: simulation.rootKeyHex, caPem: simulation.caPem }),
      },
      {
        method: 'GET',
        path: '/stats',
        name: 'stats',
        summary: 'Counters of what happened since the start',
        answer: {
          type: 'object',
          additionalProperties: { type: 'number' },
          examples: [{ 'logins.accepted': 1, 'phones.messages': 12 }],
        },
        run: () => simulation.stats,
      },
      {
        method: 'GET',
        path: '/stanzas',
        name: 'stanzaLog',
        summary: 'The last stanzas on the wire',
        query: {
          after: field.count('Only those with a higher sequence number', 0),
        },
        answer: field.listOf('Stanza'),
        run: (input) => simulation.stanzaLog(input.queryNumber('after')),
      },
      {
        method: 'GET',
        path: '/stanzas/{sequence}',
        name: 'stanza',
        summary: 'One stanza of the log whole, as text that looks like XML, and what the phone at its end read in it',
        params: { sequence: field.count('Its position in the log', 42) },
        answer: field.ref('StanzaText'),
        run: (input) => {
          const sequence = input.paramNumber('sequence');
          const found = simulation.stanza(sequence);
          if (!found) throw new ControlError(404, `stanza ${sequence} is not in the log, or no longer`);
          return found;
        },
      },
      {
        method: 'GET',
        path: '/network',
        name: 'network',
        summary: 'The network at a glance: its clock, its seed, who is there',
        answer: field.ref('Network'),
        run: () => ({
          clock: { now: simulation.world.clock.now(), driven: simulation.world.clock instanceof DrivenClock },
          seed: simulation.seed,
          people: simulation.persons.length,
          waiting: simulation.waitingClients.length,
          problems: simulation.problems.length,
        }),
      },
      {
        method: 'GET',
        path: '/events',
        name: 'changes',
        summary: 'What happens, as it happens: server-sent events until you hang up',
        details:
          'The first event is `ready`: nothing is missed from there on. `message`, `receipt`, `typing` and `problem` carry the record; `person`, `chats`, `pairing` and `stanzas` only say what to look at again. `reset` says that you read too slowly and some were dropped.',
        query: {
          kinds: field.text('Only these, with commas between them', 'message,receipt'),
          number: field.phone('Only what concerns this person, and what concerns everybody'),
        },
        stream: true,
        run: (input) => {
          const kinds = input.queryText('kinds')?.split(',').map(changeKind);
          return {
            stream: changeStream(simulation.changes, { kinds, number: input.queryText('number') }, input.signal),
          };
        },
      },
      {
        method: 'GET',
        path: '/problems',
        name: 'problems',
        summary: 'What clients did wrong, or asked that this version cannot do',
        answer: field.listOf('Problem'),
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
        answer: field.object(
          { healthy: field.flag('Whether all is well', true), 'reason?': field.text('The list of what is not') },
          'The verdict',
        ),
        run: () => {
          try {
            simulation.assertHealthy();
            return { healthy: true };
          } catch (error) {
            return { healthy: false, reason: (error as Error).message };
          }
        },
      },
      {
        method: 'POST',
        path: '/settle',
        name: 'settle',
        summary: 'Waits until every connected device has confirmed all that was sent to it',
        body: { 'timeoutMs?': field.count('Default 10 000', 5_000) },
        refusals: { 408: 'Something was still unconfirmed when the time had run out; `error` says what' },
        run: (input) => simulation.settle({ timeoutMs: input.optionalNumber('timeoutMs') }),
      },
    ],
  };
}

const CHANGE_KINDS = [
  'person',
  'message',
  'receipt',
  'typing',
  'chats',
  'pairing',
  'session',
  'problem',
  'stanzas',
] as const;

function changeKind(name: string): ChangeKind {
  const known = CHANGE_KINDS.find((one) => one === name.trim());
  if (!known) throw new ControlError(400, `"kinds" has "${name}"; there are ${CHANGE_KINDS.join(', ')}`);
  return known;
}
