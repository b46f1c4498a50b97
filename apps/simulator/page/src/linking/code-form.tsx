import { type FormEvent, useState } from 'react';
import { enterCode } from '../api/phones.ts';
import type { Person } from '../api/types.ts';
import { Button } from '../ui/button.tsx';
import { Field } from '../ui/fields.tsx';
import type { Link } from './link-dialog.tsx';

/** The eight characters that a client shows when it is asked for a pairing code. */
export function CodeForm({ person, busy, link }: { person: Person; busy: boolean; link: Link }) {
  const [code, setCode] = useState('');
  const clean = code.replace(/[^A-Za-z0-9]/g, '').toUpperCase();
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    link(() => enterCode(person.number, clean));
  };
  return (
    <form onSubmit={submit} className="space-y-4">
      <Field
        label="Pairing code"
        value={code}
        autoComplete="off"
        spellCheck={false}
        placeholder="ABCD-1234"
        onChange={(event) => setCode(event.target.value)}
        hint="Ask your client for a code for this very number first."
        required
      />
      <Button type="submit" look="solid" className="w-full" busy={busy} disabled={clean.length !== 8}>
        Link
      </Button>
    </form>
  );
}
