import { type ReactNode, useState } from 'react';
import type { PagePath } from '#contracts';
import type { LoginAnswer, SecondFactorAsked } from '../api/account.ts';
import { goTo } from '../routing/path.ts';
import { keepTokens } from '../session/tokens.ts';
import { SecondFactor } from './second-factor.tsx';

interface Arrival {
  /** Takes what a first step answered: keeps the session and goes on, or asks for the second factor. */
  arrive(answer: LoginAnswer): void;
  /** What to show in place of the page while the second factor is asked for. */
  secondFactor: ReactNode;
}

/** @param restart where the person begins again when the second step took too long */
export function useArrival(restart: PagePath = '/login'): Arrival {
  const [asked, setAsked] = useState<SecondFactorAsked | null>(null);
  const arrive = (answer: LoginAnswer): void => {
    if (answer.requires2FA) {
      setAsked(answer);
      return;
    }
    keepTokens(answer);
    goTo('/', 'replace');
  };
  const giveUp = (): void => {
    setAsked(null);
    goTo(restart, 'replace');
  };
  return { arrive, secondFactor: asked && <SecondFactor asked={asked} arrive={arrive} onGiveUp={giveUp} /> };
}
