import { isRoom } from '../../network/rooms.js';
import type { ReceivedMessage } from '../received-message.js';
import type { Behaviour } from './behaviour.js';
import type { Actor } from './behaviours.js';

type Reaction = (message: ReceivedMessage) => void;

/** What a behaviour does when a message arrives; nothing for one that only acts by itself. */
export function reactionTo(behaviour: Behaviour, actor: Actor): Reaction | undefined {
  const { person, random, later } = actor;
  const happens = (chance = 1): boolean => chance >= 1 || random.chance(chance);
  switch (behaviour.does) {
    case 'echo': {
      const { prefix = 'echo ', afterMs } = behaviour;
      return ({ chat, kind, text }) => {
        if (kind === 'text') later(afterMs, () => person.sendText(chat, `${prefix}${text}`));
      };
    }
    case 'reply': {
      const { texts, afterMs, chance } = behaviour;
      return ({ chat }) => {
        if (happens(chance)) later(afterMs, () => person.sendText(chat, random.pick(texts)));
      };
    }
    case 'opt-out':
      return optOut(behaviour, actor);
    case 'read': {
      const { afterMs, chance } = behaviour;
      return (message) => {
        if (happens(chance)) later(afterMs, () => person.markRead(message));
      };
    }
    case 'block': {
      const { afterMs, chance } = behaviour;
      return ({ from }) => {
        if (happens(chance)) later(afterMs, () => person.abilities.profile.block(from));
      };
    }
    case 'leave-groups':
      return ({ chat }) => {
        if (isRoom(chat) && chat.endsWith('@g.us')) later(behaviour.afterMs, () => person.groups.leave(chat));
      };
    default:
      return undefined;
  }
}

function optOut(behaviour: Behaviour & { does: 'opt-out' }, { person, later }: Actor): Reaction {
  const { word = 'STOP', afterMessages = 1, afterMs } = behaviour;
  const received = new Map<string, number>();
  return ({ chat }) => {
    const count = (received.get(chat) ?? 0) + 1;
    received.set(chat, count);
    if (count === afterMessages) later(afterMs, () => person.sendText(chat, word));
  };
}
