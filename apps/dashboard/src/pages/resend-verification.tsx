import { useState } from 'react';
import { resendVerification } from '../api/account.ts';
import { useAct } from '../ui/act.ts';
import { Button } from '../ui/button.tsx';
import { Field } from '../ui/field.tsx';
import { Done, Problem } from '../ui/notes.tsx';

/** Another link to confirm an address; whether it has an account is told to the mailbox only. */
export function ResendVerification({ email: known = '' }: { email?: string }) {
  const [email, setEmail] = useState(known);
  const [sentTo, setSentTo] = useState<string | null>(null);
  const send = useAct(async () => {
    await resendVerification(email);
    setSentTo(email);
  });
  return (
    <form onSubmit={send.run} className="space-y-3 border-t pt-5">
      <h2 className="text-sm font-semibold">Get a new link</h2>
      <Field
        label="E-mail address"
        type="email"
        autoComplete="username"
        required
        value={email}
        onValue={setEmail}
        problem={send.problemOf('email')}
      />
      {send.messageBeside('email') && <Problem>{send.messageBeside('email')}</Problem>}
      {sentTo !== null && <Done>If {sentTo} still has to be confirmed, a new link is on its way.</Done>}
      <Button type="submit" className="w-full" busy={send.busy}>
        Send a new link
      </Button>
    </form>
  );
}
