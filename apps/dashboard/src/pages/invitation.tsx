import { useCallback, useState } from 'react';
import { acceptInvitation, lookUpInvitation, type OpenInvitation } from '../api/account.ts';
import { forgetFragment, fromFragment } from '../routing/fragment.ts';
import { useAct } from '../ui/act.ts';
import { Button } from '../ui/button.tsx';
import { Field } from '../ui/field.tsx';
import { Frame } from '../ui/frame.tsx';
import { Loading, Problem } from '../ui/notes.tsx';
import { PageLink } from '../ui/page-link.tsx';
import { useLoaded } from '../ui/use-loaded.ts';
import { BrokenLink } from './broken-link.tsx';
import { NewPassword } from './new-password.tsx';
import { useArrival } from './use-arrival.tsx';

export function Invitation() {
  const [token] = useState(() => fromFragment('token'));
  if (token === null) return <NotOpen />;
  return <Look token={token} />;
}

function Look({ token }: { token: string }) {
  const { data, error, reload } = useLoaded(useCallback(() => lookUpInvitation(token), [token]));
  if (data) return <Accept token={token} invitation={data} />;
  if (error?.code === 'INVITATION_INVALID') return <NotOpen why={error.message} />;
  return (
    <Frame title="Your invitation">
      {error ? <Problem onRetry={reload}>{error.message}</Problem> : <Loading what="the invitation" />}
    </Frame>
  );
}

function Accept({ token, invitation }: { token: string; invitation: OpenInvitation }) {
  const { organizationName, email, role, invitedBy, expiresAt } = invitation;
  const [name, setName] = useState(invitation.name ?? '');
  const [password, setPassword] = useState('');
  const { arrive, secondFactor } = useArrival();
  const accept = useAct(async () => {
    const answer = await acceptInvitation(token, name, password);
    forgetFragment();
    arrive(answer);
  });

  if (secondFactor) return secondFactor;
  if (accept.error?.code === 'INVITATION_INVALID') return <NotOpen why={accept.error.message} />;
  const until = new Date(expiresAt).toLocaleDateString(undefined, { dateStyle: 'long' });
  return (
    <Frame
      title={`Join ${organizationName}`}
      lead={`${invitedBy ?? 'A member'} invites ${email}${role ? ` as ${role}` : ''}. The invitation is open until ${until}.`}
    >
      <form onSubmit={accept.run} className="space-y-4">
        {/* For password managers: what the password belongs to. */}
        <input type="hidden" autoComplete="username" value={email} readOnly />
        <Field
          label="Your name"
          autoComplete="name"
          required
          maxLength={100}
          value={name}
          onValue={setName}
          problem={accept.problemOf('name')}
        />
        <NewPassword value={password} onValue={setPassword} problem={accept.problemOf('password')} />
        {accept.messageBeside('name', 'password') && <Problem>{accept.messageBeside('name', 'password')}</Problem>}
        <Button type="submit" look="solid" className="w-full" busy={accept.busy}>
          Join
        </Button>
        {accept.error?.code === 'EMAIL_TAKEN' && <PageLink to="/login">Sign in to the account you have</PageLink>}
      </form>
    </Frame>
  );
}

function NotOpen({ why }: { why?: string }) {
  return (
    <BrokenLink title="This invitation is not open" why={why}>
      <PageLink to="/login" solid>
        Sign in
      </PageLink>
    </BrokenLink>
  );
}
