import { clientName } from '../network/waiting-clients.js';
import type { Person } from '../people/person.js';
import type { ReceiptHabit } from '../people/sink-receipts.js';
import { field, type Schema } from './field.js';
import { ControlError, type ControlInput } from './input.js';
import type { ControlOperation, ControlTopic } from './operation.js';
import type { ControlScope } from './scope.js';

/** A person as it travels. */
export function describePerson(person: Person) {
  const { account, isOnline, habits } = person;
  return {
    number: account.number,
    lid: account.lid,
    name: account.name,
    addressing: account.addressing,
    isOnline,
    habits,
    lastIndex: person.phone.inbox.lastIndex,
    unread: person.phone.chats.unread,
    devices: account.companions.map((companion) => ({
      device: companion.number,
      name: clientName(companion.identity.deviceProps),
      isConnected: companion.isReachable,
      waiting: companion.queue.size,
    })),
  };
}

/** Who is in the simulation, and what their phones are like. */
export function peopleTopic(scope: ControlScope): ControlTopic {
  return {
    name: 'People',
    about:
      'Everybody has a number and a phone. Somebody is the owner of an account once a client is linked to it, and a contact otherwise.',
    operations: [...personOperations(scope), ...phoneOperations(scope), ...sinkOperations(scope)],
  };
}

function personOperations(scope: ControlScope): ControlOperation[] {
  const { simulation } = scope;
  return [
    {
      method: 'GET',
      path: '/people',
      name: 'persons',
      summary: 'Everybody with a phone, and their linked devices',
      answer: field.listOf('Person'),
      run: () => simulation.persons.map(describePerson),
    },
    {
      method: 'PUT',
      path: '/people/{number}',
      name: 'person',
      summary: 'Makes the person with this number, or renames them',
      body: {
        'name?': field.text('The push name that others see', 'Ana'),
        'addressing?': field.choice(['lid', 'pn'], 'How this account sees others; default lid'),
      },
      answer: field.ref('Person'),
      run: (input) => {
        const name = input.optionalText('name');
        const addressing =
          input.raw('addressing') === undefined ? undefined : input.choice('addressing', ['lid', 'pn']);
        return describePerson(simulation.person(input.param('number'), { name, addressing }));
      },
    },
    {
      method: 'GET',
      path: '/people/{number}',
      name: 'findPerson',
      summary: 'One person',
      answer: field.ref('Person'),
      run: (input) => describePerson(scope.person(input)),
    },
  ];
}

function phoneOperations(scope: ControlScope): ControlOperation[] {
  const delay = { afterMs: field.count('After so many milliseconds', 1_000) };
  return [
    {
      method: 'PUT',
      path: '/people/{number}/habits',
      name: 'setHabits',
      summary: 'What the person does by itself; an empty body ends all habits',
      body: {
        'echo?': field.object({ prefix: field.text('What the answer begins with', '> ') }, 'Answers each text with it'),
        'reply?': field.object(
          { text: field.text('The answer', 'Thanks!'), ...delay },
          'Answers each message with the same text',
          { text: 'Thanks!', afterMs: 2_000 },
        ),
        'read?': field.object(delay, 'Reads each message; otherwise none is read', { afterMs: 1_000 }),
      },
      answer: field.ref('Person'),
      run: (input) => {
        const one = scope.person(input);
        one.habits = { echo: input.object('echo'), reply: input.object('reply'), read: input.object('read') };
        one.account.onChange?.();
        return describePerson(one);
      },
    },
    {
      method: 'PUT',
      path: '/people/{number}/network',
      name: 'setOnline',
      summary: 'Connects the phone to the network, or takes its network away',
      body: { online: field.flag('Whether it has network', false) },
      answer: field.ref('Person'),
      run: (input) => {
        const one = scope.person(input);
        if (input.flag('online') === false) one.goOffline();
        else one.goOnline();
        return describePerson(one);
      },
    },
    {
      method: 'PUT',
      path: '/people/{number}/presence',
      name: 'setPresence',
      summary: 'Opens or leaves the app, as others that watch this person see it',
      body: { state: field.choice(['available', 'unavailable'], 'Whether the app is open') },
      run: (input) => scope.person(input).setPresence(input.choice('state', ['available', 'unavailable'])),
    },
  ];
}

/** `afterMs` is a number or two. */
const SPAN: Schema = {
  oneOf: [field.count('Milliseconds'), field.list(field.count('Milliseconds'), 'From and to, drawn anew each time')],
  description: 'After how long; default at once',
};

const receiptHabit = (description: string, example: object): Schema =>
  field.object(
    {
      'share?': { ...field.number('Of how many messages, from 0 to 1, the default'), minimum: 0, maximum: 1 },
      'afterMs?': SPAN,
    },
    description,
    example,
  );

function receiptHabitOf(input: ControlInput, name: string): ReceiptHabit | undefined {
  const habit = input.object<ReceiptHabit>(name);
  const span = habit?.afterMs;
  if (Array.isArray(span) && (span.length !== 2 || span[0] > span[1])) {
    throw new ControlError(400, `"${name}.afterMs" must be a number or two, the smaller one first`);
  }
  return habit;
}

function sinkOperations({ simulation }: ControlScope): ControlOperation[] {
  return [
    {
      method: 'PUT',
      path: '/sinks/{number}',
      name: 'sink',
      summary: 'Makes a recipient for load: it counts messages and sends receipts, and never decrypts',
      details: 'With `delivered` or `read`, also for one that is there: which receipts it sends from now on.',
      body: {
        'delivered?': receiptHabit('Without it, each message is confirmed at once', {
          share: 0.95,
          afterMs: [50, 900],
        }),
        'read?': receiptHabit('Counts from the delivery; without it, nothing is read', { share: 0.4, afterMs: 2_000 }),
      },
      answer: field.object({ number: field.phone('The canonical number') }, 'The sink'),
      run: (input) => {
        const [delivered, read] = ['delivered', 'read'].map((name) => receiptHabitOf(input, name));
        const options = delivered || read ? { delivered, read } : undefined;
        return { number: simulation.sink(input.param('number'), options).number };
      },
    },
    {
      method: 'GET',
      path: '/sinks/{number}/received',
      name: 'sinkReceived',
      summary: 'The ids of the messages that reached a sink',
      query: {
        after: field.count('Only those with a higher index', 0),
        limit: field.count('At most so many', 1_000),
      },
      answer: field.object(
        {
          count: field.count('How many messages came, repeats included', 1),
          records: field.list(
            field.object(
              {
                index: field.count('Position, from 1', 1),
                id: field.text('WhatsApp id', '3EB0C431C26A1916E07A'),
                from: field.phone('Author', '6281200000001'),
                at: field.count('Milliseconds since 1970', 1_795_269_600_000),
              },
              'One message',
            ),
            'Oldest first',
          ),
        },
        'What came',
      ),
      run: (input) => {
        const sink = simulation.findSink(input.param('number'));
        if (!sink) throw new ControlError(404, `${input.param('number')} is no sink`);
        const records = sink.received.list(input.queryNumber('after'), input.queryNumber('limit'));
        return { count: sink.count, records };
      },
    },
  ];
}
