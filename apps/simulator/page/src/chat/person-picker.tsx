import { useState } from 'react';
import type { Person } from '../api/types.ts';
import { Avatar } from '../ui/avatar.tsx';
import { Field } from '../ui/fields.tsx';
import { phoneNumber } from '../ui/format.ts';

const SHOWN = 50;

interface PersonPickerProps {
  people: Person[];
  onPick(person: Person): void;
  /** Numbers that are picked, when one may pick several. */
  picked?: string[];
}

/** A list of people that can be searched. */
export function PersonPicker({ people, onPick, picked }: PersonPickerProps) {
  const [search, setSearch] = useState('');
  const wanted = search.trim().toLowerCase().replace(/^\+/, '');
  const found = people.filter(({ name, number }) => `${name} ${number}`.toLowerCase().includes(wanted));
  return (
    <>
      <Field label="Find" type="search" value={search} onChange={(event) => setSearch(event.target.value)} autoFocus />
      <ul className="mt-3 max-h-64 overflow-y-auto">
        {found.slice(0, SHOWN).map((person) => (
          <li key={person.number}>
            <button
              type="button"
              aria-pressed={picked?.includes(person.number)}
              className={`flex w-full items-center gap-3 rounded-xl p-2 text-left ${picked?.includes(person.number) ? 'bg-wash' : 'hover:bg-wash'}`}
              onClick={() => onPick(person)}
            >
              <Avatar name={person.name} id={person.number} round />
              <span className="min-w-0 flex-1">
                <span className="block truncate text-sm font-medium">{person.name}</span>
                <span className="block text-xs text-soft">{phoneNumber(person.number)}</span>
              </span>
              {picked?.includes(person.number) && <span className="text-sm font-semibold text-plum">picked</span>}
            </button>
          </li>
        ))}
      </ul>
      {found.length === 0 && (
        <p className="mt-3 text-sm text-soft">
          {people.length === 0 ? 'Nobody else is here. Make another person first.' : 'Nobody is called that.'}
        </p>
      )}
    </>
  );
}
