import type { Abilities } from '../abilities/abilities.js';
import { AppStateSync } from './app-state/app-state-sync.js';
import { BaileysBusiness } from './business/business.js';
import { BaileysCalls } from './calls.js';
import { BaileysChats } from './chats.js';
import { BaileysLabels } from './labels.js';
import type { LiveSocket, SocketListener } from './live-socket.js';
import { BaileysOwnProfile } from './own-profile.js';
import { BaileysPeople } from './people/people.js';
import { PeopleDirectory } from './people/people-directory.js';
import { PeopleNotices } from './people/people-notices.js';
import { Pictures } from './people/pictures.js';
import { BaileysPrivacy } from './privacy.js';

/** Everything about the account itself, its chats' settings and the people it knows. */
export interface AccountParts {
  settings: AppStateSync;
  abilities: Pick<Abilities, 'chats' | 'labels' | 'people' | 'privacy' | 'business' | 'calls' | 'ownProfile'>;
  listeners: SocketListener[];
}

export function accountParts(live: LiveSocket, options: { rejectsCalls(): boolean }): AccountParts {
  const settings = new AppStateSync(live);
  const directory = new PeopleDirectory(live);
  const people = new BaileysPeople(live, directory, new Pictures(live), settings);
  const calls = new BaileysCalls(live, options.rejectsCalls);
  const notices = new PeopleNotices(live, () => people.blocked());
  return {
    settings,
    abilities: {
      chats: new BaileysChats(live, settings),
      labels: new BaileysLabels(live, settings),
      people,
      privacy: new BaileysPrivacy(live),
      business: new BaileysBusiness(live),
      calls,
      ownProfile: new BaileysOwnProfile(live, directory, settings),
    },
    listeners: [settings, notices, calls],
  };
}
