import type { BinaryNode } from './baileys.js';
import type { Account, Addressing } from './network/account.js';
import type { SavedCard } from './network/accounts/account-card.js';
import type { AppStateSnapshot } from './network/app-state.js';
import { Companion, type CompanionIdentity } from './network/companion.js';
import { CompanionKeys, type PublicKey, type SignedPublicKey } from './network/keys.js';
import type { RestrictionState } from './network/restriction.js';
import type { SavedRooms } from './network/rooms.js';
import type { SavedAbilities } from './people/abilities.js';
import type { Behaviour } from './people/behaviours/behaviour.js';
import type { Habits } from './people/person.js';
import type { PhoneSnapshot } from './people/phone.js';
import type { SinkOptions } from './people/sink-receipts.js';

/** A linked device as it is saved: what it proved, its public keys, and what waits for it. */
interface SavedCompanion {
  identity: CompanionIdentity;
  needsBootstrap: boolean;
  registrationId: number;
  identityKey: Buffer;
  signedPreKey: SignedPublicKey;
  oneTimeKeys: PublicKey[];
  queue: BinaryNode[];
}

/** The parts of an account that the server keeps. */
export interface SavedAccount {
  number: string;
  lid: string;
  name: string;
  addressing: Addressing;
  about: string;
  pictureId?: string;
  nextDevice: number;
  privacy: [string, string][];
  blocked: string[];
  peers: string[];
  appState: AppStateSnapshot;
  restriction?: RestrictionState;
  card: SavedCard;
  companions: SavedCompanion[];
}

/** Who holds the phone of an account. */
export type SavedHolder =
  | {
      kind: 'person';
      isOnline: boolean;
      habits: Habits;
      behaviours: Behaviour[];
      phone: PhoneSnapshot;
      queue: BinaryNode[];
      /** Absent for a phone that was made after the last snapshot. */
      abilities?: SavedAbilities;
    }
  | { kind: 'sink'; options?: SinkOptions };

export interface SavedSimulation {
  /** Since when each file lies on the media host. */
  media?: [string, number][];
  /** Groups, newsletters, status privacy; absent in files of earlier versions. */
  rooms?: SavedRooms;
  accounts: { account: SavedAccount; holder: SavedHolder }[];
}

export function saveAccount(account: Account): SavedAccount {
  const { number, lid, name, addressing, about, pictureId, nextDevice } = account;
  return {
    ...{ number, lid, name, addressing, about, pictureId, nextDevice },
    privacy: [...account.privacy],
    blocked: [...account.blocked],
    peers: [...account.peers].map((peer) => peer.number),
    appState: account.appState.snapshot(),
    restriction: account.restriction.snapshot(),
    card: account.card.snapshot(),
    companions: account.companions.map(saveCompanion),
  };
}

/** Fills an account in, except for its peers, who may not exist yet. */
export function restoreAccount(account: Account, saved: SavedAccount): void {
  account.about = saved.about;
  account.pictureId = saved.pictureId;
  account.nextDevice = saved.nextDevice;
  for (const [name, value] of saved.privacy) account.privacy.set(name, value);
  for (const jid of saved.blocked) account.blocked.add(jid);
  account.appState.restore(saved.appState);
  account.restriction.restore(saved.restriction);
  for (const one of saved.companions) account.devices.set(one.identity.number, restoreCompanion(account, one));
}

function saveCompanion(companion: Companion): SavedCompanion {
  const { identity, needsBootstrap, keys, queue } = companion;
  return {
    identity,
    needsBootstrap,
    registrationId: keys.registrationId,
    identityKey: keys.identity,
    signedPreKey: keys.signedPreKey,
    oneTimeKeys: [...keys.stock],
    queue: [...queue].map(({ node }) => node),
  };
}

function restoreCompanion(account: Account, saved: SavedCompanion): Companion {
  const { identity, registrationId, identityKey, signedPreKey, oneTimeKeys } = saved;
  const keys = new CompanionKeys(registrationId, identityKey, signedPreKey, identity.signedIdentity, oneTimeKeys);
  const companion = new Companion(account, identity, keys);
  companion.needsBootstrap = saved.needsBootstrap;
  for (const node of saved.queue) companion.queue.add(node);
  companion.queue.remembersAll = false;
  return companion;
}
