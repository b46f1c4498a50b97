import { Activity, Moon, Plus, Radio, Search, Sun, SunMoon } from 'lucide-react';
import { useState } from 'react';
import type { Person, Problem } from '../api/types.ts';
import type { Resource } from '../live/resource.ts';
import { useResource } from '../live/resource.ts';
import { hrefOf, type Route } from '../live/route.ts';
import type { Theme } from '../live/theme.ts';
import { Avatar } from '../ui/avatar.tsx';
import { Button, IconButton } from '../ui/button.tsx';
import { phoneNumber } from '../ui/format.ts';
import { Empty, Show } from '../ui/states.tsx';
import { PersonDialog } from './person-dialog.tsx';

interface SidebarProps {
  people: Resource<Person[]>;
  route: Route;
  theme: Theme;
  onTheme(theme: Theme): void;
}

const NEXT: Record<Theme, Theme> = { system: 'light', light: 'dark', dark: 'system' };
const THEME_NAMES: Record<Theme, string> = { system: 'as the system', light: 'light', dark: 'dark' };

/** Everybody with a phone, and the ways to the network as a whole. */
export function Sidebar({ people, route, theme, onTheme }: SidebarProps) {
  const [search, setSearch] = useState('');
  const [creating, setCreating] = useState(false);
  const problems = useResource<Problem[]>('/problems', ({ kind }) => kind === 'problem');
  const problemCount = problems.data?.length ?? 0;
  const ThemeIcon = { system: SunMoon, light: Sun, dark: Moon }[theme];

  return (
    <>
      <header className="flex items-center gap-3 px-4 pt-4 pb-3">
        <div className="flex-1">
          <h1 className="font-display text-2xl leading-none">Phones</h1>
          <p className="mt-1 text-xs text-soft">of the simulated network</p>
        </div>
        <IconButton label={`Colours: ${THEME_NAMES[theme]}. Change`} onClick={() => onTheme(NEXT[theme])}>
          <ThemeIcon aria-hidden />
        </IconButton>
        <IconButton label="New person" look="solid" onClick={() => setCreating(true)}>
          <Plus aria-hidden />
        </IconButton>
      </header>
      <div className="relative px-4 pb-2">
        <Search className="absolute top-2.5 left-7 size-4 text-soft" aria-hidden />
        <input
          type="search"
          aria-label="Find a person"
          placeholder="Name or number"
          value={search}
          onChange={(event) => setSearch(event.target.value)}
          className="w-full rounded-xl border bg-card py-2 pr-3 pl-9 text-base outline-none focus:border-plum sm:text-sm"
        />
      </div>
      <nav aria-label="People" className="min-h-0 flex-1 overflow-y-auto px-2 pb-2">
        <Show resource={people} what="people">
          {(all) => <PeopleList people={all} search={search} route={route} onCreate={() => setCreating(true)} />}
        </Show>
      </nav>
      <nav aria-label="Network" className="grid grid-cols-2 gap-2 border-t p-3">
        <FootLink href={hrefOf({ screen: 'stanzas' })} active={route.screen === 'stanzas'} label="Stanzas">
          <Activity className="size-4" aria-hidden />
        </FootLink>
        <FootLink
          href={hrefOf({ screen: 'network' })}
          active={route.screen === 'network'}
          label="Network"
          badge={problemCount > 0 ? String(problemCount) : undefined}
        >
          <Radio className="size-4" aria-hidden />
        </FootLink>
      </nav>
      <PersonDialog open={creating} onOpenChange={setCreating} />
    </>
  );
}

function PeopleList({
  people,
  search,
  route,
  onCreate,
}: {
  people: Person[];
  search: string;
  route: Route;
  onCreate(): void;
}) {
  if (people.length === 0) {
    return (
      <Empty icon={<Plus aria-hidden />} title="Nobody is here yet">
        <p>Make the owner of the number that you want to link, and somebody to write to.</p>
        <Button look="solid" onClick={onCreate}>
          New person
        </Button>
      </Empty>
    );
  }
  const wanted = search.trim().toLowerCase().replace(/^\+/, '');
  const found = people.filter(({ name, number }) => `${name} ${number}`.toLowerCase().includes(wanted));
  const owners = found.filter(({ devices }) => devices.length > 0);
  const contacts = found.filter(({ devices }) => devices.length === 0);
  if (found.length === 0) return <p className="p-4 text-sm text-soft">Nobody is called “{search}”.</p>;
  return (
    <>
      <Group title="Linked to a client" people={owners} route={route} />
      <Group title={owners.length > 0 ? 'Contacts' : 'Everybody'} people={contacts} route={route} />
    </>
  );
}

/** A long list shows its first part: thousands of people come from load tests. */
const SHOWN = 200;

function Group({ title, people, route }: { title: string; people: Person[]; route: Route }) {
  if (people.length === 0) return null;
  return (
    <section aria-label={title}>
      <h2 className="px-2 pt-3 pb-1 text-xs font-semibold tracking-wide text-soft uppercase">{title}</h2>
      <ul>
        {people.slice(0, SHOWN).map((person) => (
          <li key={person.number}>
            <PersonLink person={person} active={route.screen === 'phone' && route.number === person.number} />
          </li>
        ))}
      </ul>
      {people.length > SHOWN && (
        <p className="px-2 py-2 text-xs text-soft">and {people.length - SHOWN} more: search by name or number</p>
      )}
    </section>
  );
}

function PersonLink({ person, active }: { person: Person; active: boolean }) {
  const connected = person.devices.filter(({ isConnected }) => isConnected).length;
  return (
    <a
      href={hrefOf({ screen: 'phone', number: person.number, tab: 'chats' })}
      aria-current={active ? 'page' : undefined}
      className={`flex items-center gap-3 rounded-2xl p-2 transition ${active ? 'bg-wash' : 'hover:bg-card'}`}
    >
      <span className="relative">
        <Avatar name={person.name} id={person.number} />
        <span
          className={`absolute -right-0.5 -bottom-0.5 size-3 rounded-full border-2 border-sunk ${person.isOnline ? 'bg-good' : 'bg-soft'}`}
        />
        <span className="sr-only">{person.isOnline ? 'online' : 'offline'}</span>
      </span>
      <span className="min-w-0 flex-1">
        <span className="block truncate text-sm font-medium">{person.name}</span>
        <span className="block truncate text-xs text-soft">
          {phoneNumber(person.number)}
          {person.devices.length > 0 && ` · ${connected} of ${person.devices.length} connected`}
        </span>
      </span>
      {Boolean(person.unread) && <Count value={person.unread ?? 0} />}
    </a>
  );
}

export function Count({ value }: { value: number }) {
  return (
    <span className="min-w-5 rounded-full bg-plum px-1.5 text-center text-xs leading-5 font-semibold text-plum-ink">
      {value > 99 ? '99+' : value}
      <span className="sr-only"> unread</span>
    </span>
  );
}

function FootLink({
  href,
  active,
  label,
  badge,
  children,
}: {
  href: string;
  active: boolean;
  label: string;
  badge?: string;
  children: React.ReactNode;
}) {
  return (
    <a
      href={href}
      aria-current={active ? 'page' : undefined}
      className={`flex min-h-10 items-center justify-center gap-2 rounded-xl text-sm font-medium transition ${active ? 'bg-wash text-plum' : 'text-soft hover:bg-card hover:text-ink'}`}
    >
      {children}
      {label}
      {badge && (
        <span className="rounded-full bg-bad px-1.5 text-xs leading-5 font-semibold text-white">
          {badge}
          <span className="sr-only"> problems</span>
        </span>
      )}
    </a>
  );
}
