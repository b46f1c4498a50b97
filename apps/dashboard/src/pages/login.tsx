import { KeyRound, LogIn } from 'lucide-react';
import { useEffect, useState } from 'react';
import { logIn, logInByPasskey, passkeyOptions, signInOptions, startOidc } from '../api/account.ts';
import { askPasskey, hasPasskeys } from '../api/passkey.ts';
import { goTo } from '../routing/path.ts';
import { useHasSession } from '../session/tokens.ts';
import { useAct } from '../ui/act.ts';
import { Button } from '../ui/button.tsx';
import { Field } from '../ui/field.tsx';
import { Frame } from '../ui/frame.tsx';
import { Problem } from '../ui/notes.tsx';
import { PageLink } from '../ui/page-link.tsx';
import { useLoaded } from '../ui/use-loaded.ts';
import { ResendVerification } from './resend-verification.tsx';
import { useArrival } from './use-arrival.tsx';

export function Login() {
  const hasSession = useHasSession();
  useEffect(() => {
    if (hasSession) goTo('/', 'replace');
  }, [hasSession]);
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const { arrive, secondFactor } = useArrival();
  const enter = useAct(async () => arrive(await logIn(email, password)));

  if (secondFactor) return secondFactor;
  return (
    <Frame title="Sign in">
      <div className="space-y-4">
        <form onSubmit={enter.run} className="space-y-4">
          <Field
            label="E-mail address"
            type="email"
            autoComplete="username"
            required
            value={email}
            onValue={setEmail}
            problem={enter.problemOf('email')}
          />
          <Field
            label="Password"
            type="password"
            autoComplete="current-password"
            required
            value={password}
            onValue={setPassword}
            problem={enter.problemOf('password')}
          />
          {enter.messageBeside('email', 'password') && <Problem>{enter.messageBeside('email', 'password')}</Problem>}
          <Button type="submit" look="solid" className="w-full" busy={enter.busy}>
            Sign in
          </Button>
          <PageLink to="/forgot-password">Forgot your password?</PageLink>
        </form>
        {enter.error?.code === 'EMAIL_NOT_VERIFIED' ? (
          <ResendVerification email={email} />
        ) : (
          <OtherWays arrive={arrive} />
        )}
      </div>
    </Frame>
  );
}

/** Ways in besides the password: those that this browser and this installation have. */
function OtherWays({ arrive }: Pick<ReturnType<typeof useArrival>, 'arrive'>) {
  // Without an answer the password still works, and says when nothing answers.
  const oidc = useLoaded(signInOptions).data?.oidc ?? null;
  const byPasskey = useAct(async () => {
    const answer = await askPasskey(await passkeyOptions());
    if (answer) arrive(await logInByPasskey(answer));
  });
  const byProvider = useAct(async () => location.assign((await startOidc()).url));
  if (!hasPasskeys && oidc === null) return null;
  const error = byPasskey.error ?? byProvider.error;
  return (
    <div className="space-y-3 border-t pt-5">
      {error && <Problem>{error.message}</Problem>}
      {hasPasskeys && (
        <Button
          className="w-full"
          icon={<KeyRound aria-hidden />}
          busy={byPasskey.busy}
          onClick={() => byPasskey.run()}
        >
          Sign in with a passkey
        </Button>
      )}
      {oidc && (
        <Button className="w-full" icon={<LogIn aria-hidden />} busy={byProvider.busy} onClick={() => byProvider.run()}>
          {oidc.name}
        </Button>
      )}
    </div>
  );
}
