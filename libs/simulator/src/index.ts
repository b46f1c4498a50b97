export {
  type FaultRequest,
  type PersonDescription,
  RemotePerson,
  RemoteSink,
  SimulatorClient,
  SimulatorError,
} from './control/client.js';
export type { Addressing } from './network/account.js';
export type { Faults } from './network/faults.js';
export type { LoggedStanza } from './network/observation.js';
export type { Problem, ProblemKind } from './network/problems.js';
export { WaitTimeout } from './people/feed.js';
export type { Habits, MediaOptions, MessageMatch, Person, SendOptions, WaitOptions } from './people/person.js';
export type { ReceiptRecord, TypingRecord } from './people/phone.js';
export type { InboxRecord, ReceivedMessage } from './people/received-message.js';
export type { Sink, SinkRecord } from './people/sink.js';
export type { LinkedDevice, PersonOptions } from './simulation.js';
export { Simulator, type SimulatorOptions } from './simulator.js';
export { type Clock, DrivenClock, RealClock, type Timer } from './time/clock.js';
export { Random } from './time/random.js';
export type { World } from './time/world.js';
