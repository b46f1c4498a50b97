import { Shield, ShieldOff, UserMinus } from 'lucide-react';
import { useState } from 'react';
import { changeGroup, changePeople, leaveGroup, paths } from '../api/phones.ts';
import type { Group, Person } from '../api/types.ts';
import { useResource } from '../live/resource.ts';
import { useAct } from '../ui/act.ts';
import { Avatar } from '../ui/avatar.tsx';
import { Button, IconButton } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Switch } from '../ui/fields.tsx';
import { phoneNumber, plural } from '../ui/format.ts';
import { Failed, Show } from '../ui/states.tsx';
import { concernsChats } from './concerns.ts';
import { PersonPicker } from './person-picker.tsx';

interface GroupDialogProps {
  person: Person;
  people: Person[];
  group: string;
  open: boolean;
  onOpenChange(open: boolean): void;
}

/** Who is in a group, and what the owner of this phone may do about it. */
export function GroupDialog({ person, people, group: jid, open, onOpenChange }: GroupDialogProps) {
  const group = useResource<Group>(open ? paths.group(person.number, jid) : undefined, concernsChats(person.number));
  const act = useAct(async (what: () => Promise<unknown>) => {
    await what();
    group.reload();
  });
  const run = (what: () => Promise<unknown>): void => void act.run(what);
  return (
    <Dialog
      open={open}
      onOpenChange={(next) => {
        act.clear();
        onOpenChange(next);
      }}
      title={group.data?.subject ?? 'Group'}
      description={
        group.data && `${plural(group.data.members.length, 'person', 'people')}. ${group.data.description ?? ''}`
      }
    >
      {act.error && <Failed error={act.error} />}
      <Show resource={group} what="the group">
        {(known) => (
          <Members
            person={person}
            people={people}
            group={known}
            run={run}
            onLeave={() =>
              void act.run(async () => {
                await leaveGroup(person.number, jid);
                onOpenChange(false);
              })
            }
          />
        )}
      </Show>
    </Dialog>
  );
}

interface MembersProps {
  person: Person;
  people: Person[];
  group: Group;
  run(what: () => Promise<unknown>): void;
  onLeave(): void;
}

function Members({ person, people, group, run, onLeave }: MembersProps) {
  const [adding, setAdding] = useState(false);
  const { jid, members, announce } = group;
  const isAdmin = members.some(({ number, role }) => number === person.number && role !== 'member');
  const change = (action: 'add' | 'remove' | 'promote' | 'demote', number: string): void =>
    run(() => changePeople(person.number, jid, action, [number]));
  return (
    <div className="space-y-4">
      <ul className="max-h-72 overflow-y-auto" aria-label="Members">
        {members.map(({ number, name, role }) => (
          <li key={number} className="flex items-center gap-3 py-1.5">
            <Avatar name={name} id={number} round />
            <div className="min-w-0 flex-1">
              <p className="truncate text-sm font-medium">
                {name}
                {number === person.number && ' (this phone)'}
              </p>
              <p className="truncate text-xs text-soft">
                {phoneNumber(number)}
                {role !== 'member' && ' · admin'}
              </p>
            </div>
            {isAdmin && number !== person.number && role !== 'superadmin' && (
              <>
                <IconButton
                  label={role === 'admin' ? `${name} is no longer an admin` : `Make ${name} an admin`}
                  onClick={() => change(role === 'admin' ? 'demote' : 'promote', number)}
                >
                  {role === 'admin' ? <ShieldOff aria-hidden /> : <Shield aria-hidden />}
                </IconButton>
                <IconButton label={`Remove ${name}`} onClick={() => change('remove', number)}>
                  <UserMinus aria-hidden />
                </IconButton>
              </>
            )}
          </li>
        ))}
      </ul>
      {adding && (
        <PersonPicker
          people={people.filter(({ number }) => !members.some((member) => member.number === number))}
          onPick={({ number }) => {
            setAdding(false);
            change('add', number);
          }}
        />
      )}
      <Switch
        label="Only admins write"
        checked={announce}
        disabled={!isAdmin}
        onChange={(on) => run(() => changeGroup(person.number, jid, { announce: on }))}
      />
      <div className="flex gap-2">
        <Button className="flex-1" onClick={() => setAdding(!adding)}>
          {adding ? 'Add nobody' : 'Add somebody'}
        </Button>
        <Button look="danger" className="flex-1" onClick={onLeave}>
          Leave
        </Button>
      </div>
    </div>
  );
}
