import { useState } from 'react';
import { finishRegistration } from '../api/account.ts';
import { forgetFragment } from '../routing/fragment.ts';
import { useAct } from '../ui/act.ts';
import { Button } from '../ui/button.tsx';
import { Field } from '../ui/field.tsx';
import { Frame } from '../ui/frame.tsx';
import { Problem } from '../ui/notes.tsx';
import { PageLink } from '../ui/page-link.tsx';
import { BrokenLink } from './broken-link.tsx';
import { useArrival } from './use-arrival.tsx';

/** Makes a registration real. The password shows that who has the mailbox is who registered. */
export function FinishRegistration({ token }: { token: string }) {
  const [password, setPassword] = useState('');
  const { arrive, secondFactor } = useArrival();
  const finish = useAct(async () => {
    const answer = await finishRegistration(token, password);
    forgetFragment();
    arrive(answer);
  });

  if (secondFactor) return secondFactor;
  if (finish.error?.code === 'LINK_INVALID') {
    return (
      <BrokenLink
        title="This link does not work"
        why="It has expired or was used already. When you used it, just sign in; otherwise register again and take the link of the newest mail."
      >
        <PageLink to="/login" solid>
          Sign in
        </PageLink>
      </BrokenLink>
    );
  }
  return (
    <Frame
      title="Finish your registration"
      lead="Enter the password that you chose when you registered. Your organization is made now."
    >
      <form onSubmit={finish.run} className="space-y-4">
        <Field
          label="Password"
          type="password"
          autoComplete="current-password"
          required
          value={password}
          onValue={setPassword}
          problem={finish.problemOf('password')}
        />
        {finish.messageBeside('password') && <Problem>{finish.messageBeside('password')}</Problem>}
        <Button type="submit" look="solid" className="w-full" busy={finish.busy}>
          Finish registration
        </Button>
      </form>
    </Frame>
  );
}
