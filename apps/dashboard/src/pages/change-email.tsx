import { useState } from 'react';
import { confirmEmailChange } from '../api/account.ts';
import { forgetFragment, fromFragment } from '../routing/fragment.ts';
import { useAct } from '../ui/act.ts';
import { Button } from '../ui/button.tsx';
import { Frame } from '../ui/frame.tsx';
import { Problem } from '../ui/notes.tsx';
import { PageLink } from '../ui/page-link.tsx';
import { BrokenLink } from './broken-link.tsx';

export function ChangeEmail() {
  const [token] = useState(() => fromFragment('token'));
  const [isDone, setDone] = useState(false);
  const confirm = useAct(async () => {
    await confirmEmailChange(token!);
    forgetFragment();
    setDone(true);
  });

  if (isDone) {
    return (
      <Frame title="Your address is changed" lead="Sign in with the new address from now on.">
        <PageLink to="/" solid>
          Continue
        </PageLink>
      </Frame>
    );
  }
  if (token === null || confirm.error?.code === 'LINK_INVALID') {
    return (
      <BrokenLink
        title="This link does not work"
        why={
          token === null
            ? undefined
            : 'It has expired or was used already. If your address has not changed, ask for the change once more.'
        }
      >
        <PageLink to="/" solid>
          Continue
        </PageLink>
      </BrokenLink>
    );
  }
  return (
    <Frame
      title="Confirm your new e-mail address"
      lead="The address that got the mail becomes the one you sign in with. The former one is told."
    >
      <div className="space-y-4">
        {confirm.error && <Problem>{confirm.error.message}</Problem>}
        <Button look="solid" className="w-full" busy={confirm.busy} onClick={() => confirm.run()}>
          Use this address
        </Button>
      </div>
    </Frame>
  );
}
