import { useState } from 'react';
import type { Person } from '../api/types.ts';
import { Avatar } from '../ui/avatar.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Field } from '../ui/fields.tsx';
import { phoneNumber } from '../ui/format.ts';

interface NewChatDialogProps {
  person: Person;
  people: Person[];
  open: boolean;
  onOpenChange(open: boolean): void;
  onChoose(chat: string): void;
}

const SHOWN = 50;

/** Whom to write to: anybody in this network. */
export function NewChatDialog({ person, people, open, onOpenChange, onChoose }: NewChatDialogProps) {
  const [search, setSearch] = useState('');
  const wanted = search.trim().toLowerCase().replace(/^\+/, '');
  const found = people.filter(
    (one) => one.number !== person.number && `${one.name} ${one.number}`.toLowerCase().includes(wanted),
  );
  return (
    <Dialog open={open} onOpenChange={onOpenChange} title="New chat" description={`${person.name} writes to…`}>
      <Field label="Find" type="search" value={search} onChange={(event) => setSearch(event.target.value)} autoFocus />
      <ul className="mt-3 max-h-80 overflow-y-auto">
        {found.slice(0, SHOWN).map((one) => (
          <li key={one.number}>
            <button
              type="button"
              className="flex w-full items-center gap-3 rounded-xl p-2 text-left hover:bg-wash"
              onClick={() => {
                onOpenChange(false);
                onChoose(one.number);
              }}
            >
              <Avatar name={one.name} id={one.number} round />
              <span className="min-w-0">
                <span className="block truncate text-sm font-medium">{one.name}</span>
                <span className="block text-xs text-soft">{phoneNumber(one.number)}</span>
              </span>
            </button>
          </li>
        ))}
      </ul>
      {found.length === 0 && (
        <p className="mt-3 text-sm text-soft">
          {people.length < 2 ? 'Nobody else is here. Make another person first.' : 'Nobody is called that.'}
        </p>
      )}
    </Dialog>
  );
}
