import type { BinaryNode, WASocket } from '@whiskeysockets/baileys';
import type { PresenceAbility } from '../abilities/presence.js';
import { type Address, parseJid, toJid } from '../address.js';
import type { PresenceFact } from '../facts/people-facts.js';
import { ask } from './ask.js';
import type { LiveSocket, SocketListener } from './live-socket.js';

/** See `PresenceAbility`. */
export class BaileysPresence implements PresenceAbility, SocketListener {
  constructor(private readonly live: LiveSocket) {}

  attach(sock: WASocket): void {
    sock.ws.on('CB:presence', (node: BinaryNode) => void this.tell(presenceFact(node)));
  }

  async subscribe(person: Address): Promise<void> {
    await ask('subscribing to presence', () => this.live.socket().presenceSubscribe(toJid(person)));
  }

  async show(online: boolean): Promise<void> {
    await ask('showing presence', () => this.live.socket().sendPresenceUpdate(online ? 'available' : 'unavailable'));
  }

  private async tell(fact: PresenceFact | null): Promise<void> {
    if (!fact) return;
    try {
      await this.live.sink.presence({ ...fact, person: await this.live.book.complete(fact.person) });
    } catch (error) {
      // Of the moment: not worth a repeat.
      this.live.logger.debug({ err: error }, 'a presence notice was dropped');
    }
  }
}

/** What a `presence` stanza tells: `last` is a time in seconds, or `deny` when the person hides it. */
export function presenceFact(node: BinaryNode): PresenceFact | null {
  const person = parseJid(node.attrs.from);
  if (!person) return null;
  const seconds = Number(node.attrs.last);
  return {
    person,
    online: node.attrs.type !== 'unavailable',
    lastSeenAt: seconds > 0 ? new Date(seconds * 1000) : null,
  };
}
