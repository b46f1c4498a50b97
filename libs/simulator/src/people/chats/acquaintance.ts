import type { Account } from '../../network/account.js';
import type { Directory } from '../../network/directory.js';
import { isRoom, type Rooms } from '../../network/rooms.js';
import type { Acquaintance } from './chats.js';

/** What the phone of an account knows of others, asked of the network each time. */
export function acquaintanceOf(account: Account, directory: Directory, rooms: Rooms): Acquaintance {
  const find = (number: string): Account | undefined => directory.find(number);
  return {
    clock: account.world.clock,
    nameOf: (number) => find(number)?.name ?? rooms.titleOf(number) ?? number,
    numberOf: (jid) => directory.accountAt(jid)?.number,
    addressesOf: (number) => {
      const known = find(number);
      return known ? [known.address('lid'), known.address('pn')] : [];
    },
    titleOf: (chat) => (isRoom(chat) ? rooms.titleOf(chat) : undefined),
    othersIn: (chat) => {
      if (!isRoom(chat)) return chat === account.number ? [] : [chat];
      return rooms
        .membersOf(chat)
        .filter((one) => one !== account)
        .map(({ number }) => number);
    },
    isAdmin: (chat, number) => {
      const known = find(number);
      return known !== undefined && rooms.isAdmin(chat, known);
    },
    canWrite: (chat) => !isRoom(chat) || rooms.canWrite(chat, account),
  };
}
