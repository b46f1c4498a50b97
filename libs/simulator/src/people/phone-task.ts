import type { BinaryNode, proto } from '../baileys.js';
import type { Companion } from '../network/companion.js';

/** Something a phone does besides sending and receiving messages. It is told of every stanza and picks out its own. */
export interface PhoneTask {
  /** A stanza other than a message has arrived. */
  take?(node: BinaryNode): void | Promise<void>;
  /** A companion of the account says what only devices of one account say to each other. */
  takePeer?(from: Companion, message: proto.IMessage, id: string): void | Promise<void>;
}
