import { UsersRound } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import { createGroup } from '../api/phones.ts';
import type { Person } from '../api/types.ts';
import { useAct } from '../ui/act.ts';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Field } from '../ui/fields.tsx';
import { plural } from '../ui/format.ts';
import { Failed } from '../ui/states.tsx';
import { PersonPicker } from './person-picker.tsx';

interface NewChatDialogProps {
  person: Person;
  people: Person[];
  open: boolean;
  onOpenChange(open: boolean): void;
  onChoose(chat: string): void;
}

/** Whom to write to: anybody in this network, or several at once in a new group. */
export function NewChatDialog({ person, people, open, onOpenChange, onChoose }: NewChatDialogProps) {
  const [grouping, setGrouping] = useState(false);
  const others = people.filter(({ number }) => number !== person.number);
  const choose = (chat: string): void => {
    onOpenChange(false);
    setGrouping(false);
    onChoose(chat);
  };
  return (
    <Dialog
      open={open}
      onOpenChange={(next) => {
        setGrouping(false);
        onOpenChange(next);
      }}
      title={grouping ? 'New group' : 'New chat'}
      description={grouping ? `${person.name} makes it and is its admin.` : `${person.name} writes to…`}
    >
      {grouping ? (
        <GroupForm person={person} others={others} onMade={choose} />
      ) : (
        <>
          <PersonPicker people={others} onPick={({ number }) => choose(number)} />
          <Button
            className="mt-4 w-full"
            icon={<UsersRound className="size-4" aria-hidden />}
            disabled={others.length === 0}
            onClick={() => setGrouping(true)}
          >
            New group
          </Button>
        </>
      )}
    </Dialog>
  );
}

function GroupForm({ person, others, onMade }: { person: Person; others: Person[]; onMade(chat: string): void }) {
  const [subject, setSubject] = useState('');
  const [picked, setPicked] = useState<string[]>([]);
  const make = useAct(async () => {
    const { group } = await createGroup(person.number, subject.trim(), picked);
    onMade(group.jid);
  });
  const toggle = ({ number }: Person): void =>
    setPicked(picked.includes(number) ? picked.filter((one) => one !== number) : [...picked, number]);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    void make.run();
  };
  return (
    <form onSubmit={submit} className="space-y-4">
      <Field
        label="Subject"
        value={subject}
        maxLength={100}
        onChange={(event) => setSubject(event.target.value)}
        required
      />
      <PersonPicker people={others} onPick={toggle} picked={picked} />
      {make.error && <Failed error={make.error} />}
      <Button
        type="submit"
        look="solid"
        className="w-full"
        busy={make.busy}
        disabled={!subject.trim() || picked.length === 0}
      >
        Make a group of {plural(picked.length + 1, 'person', 'people')}
      </Button>
    </form>
  );
}
