import { ArrowLeft, Bot, Link2, MessagesSquare, Pencil, Wifi, WifiOff, Zap } from 'lucide-react';
import { useState } from 'react';
import { setOnline } from '../api/phones.ts';
import type { Person } from '../api/types.ts';
import { ChatsTab } from '../chat/chats-tab.tsx';
import { DevicesTab } from '../linking/devices-tab.tsx';
import type { Resource } from '../live/resource.ts';
import { hrefOf, type PhoneTab, type Route } from '../live/route.ts';
import { FaultsTab } from '../trouble/faults-tab.tsx';
import { useAct } from '../ui/act.ts';
import { Avatar } from '../ui/avatar.tsx';
import { IconButton } from '../ui/button.tsx';
import { phoneNumber } from '../ui/format.ts';
import { Empty, Show } from '../ui/states.tsx';
import { HabitsTab } from './habits-tab.tsx';
import { PersonDialog } from './person-dialog.tsx';

type PhoneRoute = Extract<Route, { screen: 'phone' }>;

const TABS: { tab: PhoneTab; label: string; Icon: typeof Link2 }[] = [
  { tab: 'chats', label: 'Chats', Icon: MessagesSquare },
  { tab: 'devices', label: 'Devices', Icon: Link2 },
  { tab: 'behaviour', label: 'Habits', Icon: Bot },
  { tab: 'faults', label: 'Trouble', Icon: Zap },
];

/** One phone: its chats, its linked devices, what its owner does unasked, and what goes wrong for its clients. */
export function PhoneScreen({ route, people }: { route: PhoneRoute; people: Resource<Person[]> }) {
  return (
    <Show resource={people} what="the phone">
      {(all) => {
        const person = all.find(({ number }) => number === route.number);
        if (person) return <Phone person={person} people={all} route={route} />;
        return (
          <Empty icon={<WifiOff aria-hidden />} title="No such phone">
            <p>Nobody has the number {phoneNumber(route.number)} in this network.</p>
            <a className="text-plum underline" href={hrefOf({ screen: 'phones' })}>
              All phones
            </a>
          </Empty>
        );
      }}
    </Show>
  );
}

function Phone({ person, people, route }: { person: Person; people: Person[]; route: PhoneRoute }) {
  const [renaming, setRenaming] = useState(false);
  const online = useAct(() => setOnline(person.number, !person.isOnline));
  // On a small screen an open chat has the whole screen for itself.
  const inChat = route.chat !== undefined;
  return (
    <>
      <header className={`${inChat ? 'hidden md:block' : ''} border-b bg-card`}>
        <div className="flex items-center gap-3 px-3 pt-3 pb-2 sm:px-5">
          <a
            href={hrefOf({ screen: 'phones' })}
            aria-label="All phones"
            className="grid size-10 place-items-center rounded-xl text-soft hover:bg-wash lg:hidden"
          >
            <ArrowLeft className="size-5" aria-hidden />
          </a>
          <Avatar name={person.name} id={person.number} size={44} />
          <div className="min-w-0 flex-1">
            <h2 className="flex items-center gap-1 font-display text-xl leading-tight">
              <span className="truncate">{person.name}</span>
              <IconButton label="Rename" className="size-8" onClick={() => setRenaming(true)}>
                <Pencil aria-hidden className="size-4!" />
              </IconButton>
            </h2>
            <p className="truncate text-xs text-soft">
              {phoneNumber(person.number)} · {person.devices.length > 0 ? 'owner of a linked account' : 'contact'}
            </p>
          </div>
          <button
            type="button"
            aria-pressed={person.isOnline}
            onClick={() => void online.run()}
            title={person.isOnline ? 'Take the network away from this phone' : 'Give this phone its network back'}
            className={`inline-flex min-h-10 items-center gap-2 rounded-xl border px-3 text-sm font-medium transition ${person.isOnline ? 'border-good/40 text-good' : 'border-bad/40 text-bad'}`}
          >
            {person.isOnline ? <Wifi className="size-4" aria-hidden /> : <WifiOff className="size-4" aria-hidden />}
            <span className="sr-only sm:not-sr-only">{person.isOnline ? 'Online' : 'Offline'}</span>
          </button>
        </div>
        <nav aria-label={`Parts of ${person.name}'s phone`} className="flex gap-1 overflow-x-auto px-2 sm:px-4">
          {TABS.map(({ tab, label, Icon }) => (
            <a
              key={tab}
              href={hrefOf({ screen: 'phone', number: person.number, tab })}
              aria-current={route.tab === tab ? 'page' : undefined}
              className={`flex min-h-10 flex-1 items-center justify-center gap-2 border-b-2 px-2 text-sm font-medium sm:flex-none sm:px-4 ${route.tab === tab ? 'border-plum text-plum' : 'border-transparent text-soft hover:text-ink'}`}
            >
              <Icon className="hidden size-4 sm:block" aria-hidden />
              {label}
            </a>
          ))}
        </nav>
      </header>
      <div className="flex min-h-0 flex-1 flex-col">
        {route.tab === 'chats' && <ChatsTab person={person} people={people} chat={route.chat} />}
        {route.tab === 'devices' && <DevicesTab person={person} />}
        {route.tab === 'behaviour' && <HabitsTab person={person} />}
        {route.tab === 'faults' && <FaultsTab person={person} />}
      </div>
      <PersonDialog key={person.name} open={renaming} onOpenChange={setRenaming} person={person} />
    </>
  );
}
