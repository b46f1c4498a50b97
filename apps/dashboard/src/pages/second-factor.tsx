import { KeyRound } from 'lucide-react';
import { useState } from 'react';
import { type LoginAnswer, type SecondFactorAsked, secondPasskeyOptions, verifySecondFactor } from '../api/account.ts';
import { askPasskey, hasPasskeys } from '../api/passkey.ts';
import { useAct } from '../ui/act.ts';
import { Button } from '../ui/button.tsx';
import { Field } from '../ui/field.tsx';
import { Frame } from '../ui/frame.tsx';
import { Problem } from '../ui/notes.tsx';

interface SecondFactorProps {
  asked: SecondFactorAsked;
  arrive(answer: LoginAnswer): void;
  onGiveUp(): void;
}

/** The second step of a log-in: a code of the app, a backup code or a passkey, whichever the person has. */
export function SecondFactor({ asked: { challenge, methods }, arrive, onGiveUp }: SecondFactorProps) {
  const hasApp = methods.includes('totp');
  const hasBackup = methods.includes('backup_code');
  const [isBackup, setBackup] = useState(!hasApp);
  const [code, setCode] = useState('');
  const check = useAct(async () => {
    try {
      arrive(await verifySecondFactor(challenge, { token: code.trim() }));
    } catch (error) {
      setCode('');
      throw error;
    }
  });
  const touch = useAct(async () => {
    const passkey = await askPasskey(await secondPasskeyOptions(challenge));
    if (passkey) arrive(await verifySecondFactor(challenge, { passkey }));
  });
  const switchKind = (): void => {
    setBackup(!isBackup);
    setCode('');
  };

  const error = check.error ?? touch.error;
  if (error?.code === 'LOGIN_CHALLENGE_INVALID') {
    return (
      <Frame title="Please begin again" lead={error.message}>
        <Button look="solid" className="w-full" onClick={onGiveUp}>
          Back to sign in
        </Button>
      </Frame>
    );
  }
  return (
    <Frame title="One more step" lead="Your account asks for a second proof that it is you.">
      <div className="space-y-4">
        {error && <Problem>{error.message}</Problem>}
        {(hasApp || hasBackup) && (
          <form onSubmit={check.run} className="space-y-4">
            <Field
              key={isBackup ? 'backup' : 'app'}
              label={isBackup ? 'Backup code' : 'Code of your authenticator app'}
              hint={isBackup ? 'Each of them works once.' : undefined}
              autoComplete={isBackup ? 'off' : 'one-time-code'}
              inputMode={isBackup ? 'text' : 'numeric'}
              autoCapitalize="none"
              spellCheck={false}
              autoFocus
              required
              value={code}
              onValue={setCode}
            />
            <Button type="submit" look="solid" className="w-full" busy={check.busy}>
              Sign in
            </Button>
            {hasApp && hasBackup && (
              <Button className="w-full" onClick={switchKind}>
                {isBackup ? 'Use the authenticator app' : 'Use a backup code'}
              </Button>
            )}
          </form>
        )}
        {methods.includes('passkey') && hasPasskeys && (
          <Button className="w-full" icon={<KeyRound aria-hidden />} busy={touch.busy} onClick={() => touch.run()}>
            Use a passkey
          </Button>
        )}
        {methods.every((method) => method === 'passkey') && !hasPasskeys && (
          <Problem>This browser has no passkeys. Sign in with one that has yours.</Problem>
        )}
      </div>
    </Frame>
  );
}
