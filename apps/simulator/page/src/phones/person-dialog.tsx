import { type FormEvent, useState } from 'react';
import { createPerson } from '../api/phones.ts';
import type { Person } from '../api/types.ts';
import { go } from '../live/route.ts';
import { useAct } from '../ui/act.ts';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Field } from '../ui/fields.tsx';
import { Failed } from '../ui/states.tsx';

interface PersonDialogProps {
  open: boolean;
  onOpenChange(open: boolean): void;
  /** The person to rename; a new one without it. */
  person?: Person;
}

export function PersonDialog({ open, onOpenChange, person }: PersonDialogProps) {
  const [name, setName] = useState(person?.name ?? '');
  const [number, setNumber] = useState(person?.number ?? '');
  const save = useAct(async () => {
    const saved = await createPerson(person?.number ?? number.replace(/[+\s()-]/g, ''), name.trim() || undefined);
    onOpenChange(false);
    if (!person) {
      setName('');
      setNumber('');
      go({ screen: 'phone', number: saved.number, tab: 'chats' });
    }
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    void save.run();
  };
  return (
    <Dialog
      open={open}
      onOpenChange={onOpenChange}
      title={person ? 'Rename' : 'New person'}
      description={
        person
          ? 'The name that others see when this person writes to them.'
          : 'A phone number and a phone that goes with it.'
      }
    >
      <form onSubmit={submit} className="space-y-4">
        {!person && (
          <Field
            label="Phone number"
            inputMode="tel"
            placeholder="+62 813 0000 0002"
            value={number}
            onChange={(event) => setNumber(event.target.value)}
            hint="With the country code; 5 to 15 digits. Numbers of the real world are fine: nothing leaves this machine."
            required
          />
        )}
        <Field
          label="Name"
          placeholder="Ana"
          value={name}
          onChange={(event) => setName(event.target.value)}
          maxLength={100}
        />
        {save.error && <Failed error={save.error} />}
        <Button type="submit" look="solid" className="w-full" busy={save.busy}>
          {person ? 'Save' : 'Add'}
        </Button>
      </form>
    </Dialog>
  );
}
