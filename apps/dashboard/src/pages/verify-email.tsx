import { useState } from 'react';
import { verifyEmail } from '../api/account.ts';
import { forgetFragment, fromFragment } from '../routing/fragment.ts';
import { useAct } from '../ui/act.ts';
import { Button } from '../ui/button.tsx';
import { Frame } from '../ui/frame.tsx';
import { Problem } from '../ui/notes.tsx';
import { PageLink } from '../ui/page-link.tsx';
import { BrokenLink } from './broken-link.tsx';
import { FinishRegistration } from './finish-registration.tsx';
import { ResendVerification } from './resend-verification.tsx';

export function VerifyEmail() {
  const [registration] = useState(() => fromFragment('registration'));
  const [token] = useState(() => fromFragment('token'));
  if (registration !== null) return <FinishRegistration token={registration} />;
  return <VerifyAddress token={token} />;
}

/** Asks for a click: programs that look into mails open links, and must not speak for the person. */
function VerifyAddress({ token }: { token: string | null }) {
  const [isDone, setDone] = useState(false);
  const verify = useAct(async () => {
    await verifyEmail(token!);
    forgetFragment();
    setDone(true);
  });

  if (isDone) {
    return (
      <Frame title="Your address is confirmed" lead="Thank you. You can sign in now.">
        <PageLink to="/login" solid>
          Sign in
        </PageLink>
      </Frame>
    );
  }
  if (token === null || verify.error?.code === 'LINK_INVALID') {
    return (
      <BrokenLink
        title="This link does not work"
        why={token === null ? undefined : 'It has expired or was used already. When you used it, just sign in.'}
      >
        <PageLink to="/login" solid>
          Sign in
        </PageLink>
        <ResendVerification />
      </BrokenLink>
    );
  }
  return (
    <Frame title="Confirm your e-mail address" lead="One click, and we know that mail reaches you.">
      <div className="space-y-4">
        {verify.error && <Problem>{verify.error.message}</Problem>}
        <Button look="solid" className="w-full" busy={verify.busy} onClick={() => verify.run()}>
          Confirm my address
        </Button>
      </div>
    </Frame>
  );
}
