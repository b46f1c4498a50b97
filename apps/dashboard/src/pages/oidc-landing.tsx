import { useEffect, useState } from 'react';
import { exchangeOidc, type LoginAnswer } from '../api/account.ts';
import type { Refusal } from '../api/http.ts';
import { forgetFragment, fromFragment } from '../routing/fragment.ts';
import { asRefusal } from '../ui/act.ts';
import { Frame } from '../ui/frame.tsx';
import { Loading, Problem } from '../ui/notes.tsx';
import { PageLink } from '../ui/page-link.tsx';
import { useArrival } from './use-arrival.tsx';

/** Our words for what the address may say; anything else in it is never shown. */
const sentences: Record<string, string> = {
  OIDC_NO_ACCOUNT:
    'No account here belongs to this person of the identity provider. If you have one, sign in with your password; otherwise ask for an invitation.',
  OIDC_UNAVAILABLE: 'The identity provider does not answer as it should. Try again later, or sign in with a password.',
  OIDC_NOT_CONFIGURED: 'This installation has no identity provider. Sign in with e-mail address and password.',
};
const failed = 'Signing in at the identity provider did not succeed or took too long. Please begin again.';

/** The code works once, and effects may run twice. */
let exchange: { code: string; answer: Promise<LoginAnswer> } | undefined;

function exchangeOnce(code: string): Promise<LoginAnswer> {
  if (exchange?.code !== code) exchange = { code, answer: exchangeOidc(code) };
  return exchange.answer;
}

export function OidcLanding() {
  const [code] = useState(() => fromFragment('code'));
  const [told] = useState(() => fromFragment('error'));
  const [error, setError] = useState<Refusal | null>(null);
  const { arrive, secondFactor } = useArrival();

  // biome-ignore lint/correctness/useExhaustiveDependencies: once for a code
  useEffect(() => {
    if (code === null) return;
    let isHere = true;
    forgetFragment();
    exchangeOnce(code).then(
      (answer) => isHere && arrive(answer),
      (thrown) => isHere && setError(asRefusal(thrown)),
    );
    return () => {
      isHere = false;
    };
  }, [code]);

  if (secondFactor) return secondFactor;
  const problem = told === null ? error?.message : (sentences[told] ?? failed);
  if (problem === undefined && code !== null) {
    return (
      <Frame title="Signing you in">
        <Loading what="your session" />
      </Frame>
    );
  }
  return (
    <Frame title="You are not signed in">
      <div className="space-y-4">
        <Problem>{problem ?? failed}</Problem>
        <PageLink to="/login" solid>
          Back to sign in
        </PageLink>
      </div>
    </Frame>
  );
}
