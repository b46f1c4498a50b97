import type { Person } from '../people/person.js';
import type { Simulation } from '../simulation.js';
import { faultOperations } from './fault-operations.js';
import { messageOperations } from './message-operations.js';
import { ControlError, type ControlInput, type ControlOperation } from './operation.js';

/** Everything that can be done over HTTP. */
export function controlOperations(simulation: Simulation): ControlOperation[] {
  const person = (input: ControlInput): Person => {
    const number = input.param('number');
    const found = simulation.findPerson(number);
    if (!found) throw new ControlError(404, `nobody has the number ${number} in this simulation`);
    return found;
  };
  return [
    ...networkOperations(simulation),
    ...peopleOperations(simulation, person),
    ...linkOperations(simulation),
    ...messageOperations(person),
    ...faultOperations(simulation),
  ];
}

function networkOperations(simulation: Simulation): ControlOperation[] {
  return [
    {
      method: 'GET',
      path: '/info',
      name: 'info',
      summary: 'Where clients connect and what they must trust',
      run: () => ({ url: simulation.url, rootKeyHex: simulation.rootKeyHex, caPem: simulation.caPem }),
    },
    {
      method: 'GET',
      path: '/stats',
      name: 'stats',
      summary: 'Counters of what happened since the start',
      run: () => simulation.stats,
    },
    {
      method: 'GET',
      path: '/stanzas',
      name: 'stanzaLog',
      summary: 'The last stanzas on the wire, without their contents',
      query: { after: 'only those with a higher sequence number' },
      run: (input) => simulation.stanzaLog(input.queryNumber('after')),
    },
    {
      method: 'POST',
      path: '/settle',
      name: 'settle',
      summary: 'Waits until every connected device has confirmed all that was sent to it',
      body: { 'timeoutMs?': 'default 10 000' },
      run: (input) => simulation.settle({ timeoutMs: input.optionalNumber('timeoutMs') }),
    },
  ];
}

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
    devices: account.companions.map((companion) => ({
      device: companion.number,
      isConnected: companion.isReachable,
      waiting: companion.queue.size,
    })),
  };
}

function peopleOperations(simulation: Simulation, person: (input: ControlInput) => Person): ControlOperation[] {
  return [
    {
      method: 'GET',
      path: '/people',
      name: 'persons',
      summary: 'Everybody with a phone, and their linked devices',
      run: () => simulation.persons.map(describePerson),
    },
    {
      method: 'PUT',
      path: '/people/{number}',
      name: 'person',
      summary: 'Makes the person with this number, or renames them',
      body: { 'name?': 'the push name that others see', 'addressing?': 'how this account sees others: lid or pn' },
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
      run: (input) => describePerson(person(input)),
    },
    {
      method: 'PUT',
      path: '/people/{number}/habits',
      name: 'setHabits',
      summary: 'What the person does by itself; an empty body ends all habits',
      body: {
        'echo?': '{ prefix }: answers each text with the same text after the prefix',
        'reply?': '{ text, afterMs }: answers each message',
        'read?': '{ afterMs }: reads each message; otherwise none is read',
      },
      run: (input) => {
        const one = person(input);
        one.habits = { echo: input.object('echo'), reply: input.object('reply'), read: input.object('read') };
        return describePerson(one);
      },
    },
    {
      method: 'PUT',
      path: '/people/{number}/network',
      name: 'setOnline',
      summary: 'Connects the phone to the network, or takes its network away',
      body: { online: 'true or false' },
      run: (input) => {
        const one = person(input);
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
      body: { state: 'available or unavailable' },
      run: (input) => person(input).setPresence(input.choice('state', ['available', 'unavailable'])),
    },
    {
      method: 'PUT',
      path: '/sinks/{number}',
      name: 'sink',
      summary: 'Makes a recipient for load: it counts messages and sends receipts, and never decrypts',
      run: (input) => ({ number: simulation.sink(input.param('number')).number }),
    },
    {
      method: 'GET',
      path: '/sinks/{number}/received',
      name: 'sinkReceived',
      summary: 'The ids of the messages that reached a sink',
      query: { after: 'only those with a higher index', limit: 'at most so many' },
      run: (input) => {
        const sink = simulation.findSink(input.param('number'));
        if (!sink) throw new ControlError(404, `${input.param('number')} is no sink`);
        const records = sink.received.list(input.queryNumber('after'), input.queryNumber('limit'));
        return { count: sink.count, records };
      },
    },
  ];
}

function linkOperations(simulation: Simulation): ControlOperation[] {
  const options = (input: ControlInput) => ({ name: input.optionalText('name') });
  const orRefuse = async <T>(act: Promise<T>): Promise<T> =>
    act.catch((error: Error) => {
      throw new ControlError(409, error.message);
    });
  return [
    {
      method: 'POST',
      path: '/people/{number}/scan',
      name: 'scanQr',
      summary: 'The person scans the QR code that a client shows; answers when the client is linked',
      body: { qr: 'the text of the QR code', 'name?': 'the push name' },
      run: (input) => orRefuse(simulation.scanQr(input.text('qr'), input.param('number'), options(input))),
    },
    {
      method: 'POST',
      path: '/people/{number}/code',
      name: 'enterPairingCode',
      summary: 'The person types the pairing code that a client shows; 409 when it is wrong',
      body: { code: 'eight characters', 'name?': 'the push name' },
      run: (input) => orRefuse(simulation.enterPairingCode(input.param('number'), input.text('code'), options(input))),
    },
    {
      method: 'DELETE',
      path: '/people/{number}/devices/{device}',
      name: 'unlink',
      summary: 'The person removes a linked device on the phone',
      run: (input) => orRefuse((async () => simulation.unlink(input.param('number'), input.paramNumber('device')))()),
    },
  ];
}
