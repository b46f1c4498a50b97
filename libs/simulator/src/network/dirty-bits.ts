import { SERVER, stanza } from '../wire/stanza.js';
import type { Account } from './account.js';
import type { Companion } from './companion.js';

/** What a client may be told to fetch anew (Baileys `CB:ib,,dirty` in `chats.js` and `groups.js`). */
export type DirtyKind = 'account_sync' | 'groups' | 'communities';

const dirtyNode = (kind: string, timestamp: number) =>
  stanza('ib', { from: SERVER }, [stanza('dirty', { type: kind, timestamp })]);

/** Tells every companion of an account, at once or at its next login, that something changed without a notification. */
export function markDirty(account: Account, kind: DirtyKind): void {
  const timestamp = Math.floor(account.world.clock.now() / 1000);
  for (const companion of account.companions) {
    const kinds = account.card.dirty.get(companion.number) ?? new Map<string, number>();
    account.card.dirty.set(companion.number, kinds.set(kind, timestamp));
    companion.tell(dirtyNode(kind, timestamp));
  }
}

/** What a companion is to be told after a login. */
export function tellDirty(companion: Companion): void {
  const kinds = companion.account.card.dirty.get(companion.number) ?? new Map<string, number>();
  for (const [kind, timestamp] of kinds) companion.tell(dirtyNode(kind, timestamp));
}

/** A companion has fetched what was dirty. */
export function clean(companion: Companion, kind: string | undefined): void {
  companion.account.card.dirty.get(companion.number)?.delete(kind ?? '');
}
