import { useState } from 'react';
import { forgotPassword } from '../api/account.ts';
import { useAct } from '../ui/act.ts';
import { Button } from '../ui/button.tsx';
import { Field } from '../ui/field.tsx';
import { Frame } from '../ui/frame.tsx';
import { Done, Problem } from '../ui/notes.tsx';
import { PageLink } from '../ui/page-link.tsx';

export function ForgotPassword() {
  const [email, setEmail] = useState('');
  const [sentTo, setSentTo] = useState<string | null>(null);
  const ask = useAct(async () => {
    await forgotPassword(email);
    setSentTo(email);
  });
  return (
    <Frame title="Set a new password" lead="We mail you a link. It works once, for one hour.">
      <form onSubmit={ask.run} className="space-y-4">
        <Field
          label="E-mail address"
          type="email"
          autoComplete="username"
          required
          value={email}
          onValue={setEmail}
          problem={ask.problemOf('email')}
        />
        {ask.messageBeside('email') && <Problem>{ask.messageBeside('email')}</Problem>}
        {sentTo !== null && (
          <Done>If {sentTo} has an account here, a mail is on its way. Look into the spam folder too.</Done>
        )}
        <Button type="submit" look="solid" className="w-full" busy={ask.busy}>
          {sentTo === null ? 'Send the link' : 'Send it again'}
        </Button>
        <PageLink to="/login">Back to sign in</PageLink>
      </form>
    </Frame>
  );
}
