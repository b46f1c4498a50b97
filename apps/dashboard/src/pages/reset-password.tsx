import { useState } from 'react';
import { resetPassword } from '../api/account.ts';
import { forgetFragment, fromFragment } from '../routing/fragment.ts';
import { forgetTokens } from '../session/tokens.ts';
import { useAct } from '../ui/act.ts';
import { Button } from '../ui/button.tsx';
import { Frame } from '../ui/frame.tsx';
import { Problem } from '../ui/notes.tsx';
import { PageLink } from '../ui/page-link.tsx';
import { BrokenLink } from './broken-link.tsx';
import { NewPassword } from './new-password.tsx';

export function ResetPassword() {
  const [token] = useState(() => fromFragment('token'));
  const [password, setPassword] = useState('');
  const [isDone, setDone] = useState(false);
  const reset = useAct(async () => {
    await resetPassword(token!, password);
    forgetFragment();
    // All sessions of the person have ended, so one that this tab may have is of no use.
    forgetTokens();
    setDone(true);
  });

  if (isDone) {
    return (
      <Frame title="Your new password is set" lead="Everywhere you were signed in you have been signed out.">
        <PageLink to="/login" solid>
          Sign in
        </PageLink>
      </Frame>
    );
  }
  if (token === null || reset.error?.code === 'LINK_INVALID') {
    return (
      <BrokenLink
        title="This link does not work"
        why={token === null ? undefined : 'It has expired or was used already.'}
      >
        <PageLink to="/forgot-password" solid>
          Get a new link
        </PageLink>
      </BrokenLink>
    );
  }
  return (
    <Frame title="Choose a new password" lead="It signs you out everywhere; then you sign in with the new one.">
      <form onSubmit={reset.run} className="space-y-4">
        <NewPassword value={password} onValue={setPassword} problem={reset.problemOf('password')} />
        {reset.messageBeside('password') && <Problem>{reset.messageBeside('password')}</Problem>}
        <Button type="submit" look="solid" className="w-full" busy={reset.busy}>
          Set the password
        </Button>
      </form>
    </Frame>
  );
}
