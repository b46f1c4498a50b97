import { LogOut } from 'lucide-react';
import { useEffect } from 'react';
import { goTo } from '../routing/path.ts';
import { fetchMe, signOut } from '../session/own-session.ts';
import { useHasSession } from '../session/tokens.ts';
import { useAct } from '../ui/act.ts';
import { Button } from '../ui/button.tsx';
import { Frame } from '../ui/frame.tsx';
import { Loading, Problem } from '../ui/notes.tsx';
import { useLoaded } from '../ui/use-loaded.ts';
import { SessionList } from './session-list.tsx';

export function Home() {
  const hasSession = useHasSession();
  useEffect(() => {
    if (!hasSession) goTo('/login', 'replace');
  }, [hasSession]);
  return hasSession ? <Account /> : null;
}

function Account() {
  const { data: me, error, reload } = useLoaded(fetchMe);
  const leave = useAct(signOut);
  if (!me) {
    return (
      <Frame title="Your account" wide>
        {error ? <Problem onRetry={reload}>{error.message}</Problem> : <Loading what="your account" />}
      </Frame>
    );
  }
  return (
    <Frame title={me.name} lead={`${me.email} · ${me.role} of ${me.organizationName}`} wide>
      <div className="space-y-6">
        {leave.error && <Problem>{leave.error.message}</Problem>}
        <Button icon={<LogOut aria-hidden />} busy={leave.busy} onClick={() => leave.run()}>
          Sign out
        </Button>
        <SessionList />
      </div>
    </Frame>
  );
}
