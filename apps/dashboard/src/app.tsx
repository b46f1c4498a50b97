import type { ComponentType } from 'react';
import type { PagePath } from '#contracts';
import { ChangeEmail } from './pages/change-email.tsx';
import { ForgotPassword } from './pages/forgot-password.tsx';
import { Home } from './pages/home.tsx';
import { Invitation } from './pages/invitation.tsx';
import { Login } from './pages/login.tsx';
import { OidcLanding } from './pages/oidc-landing.tsx';
import { ResetPassword } from './pages/reset-password.tsx';
import { VerifyEmail } from './pages/verify-email.tsx';
import { useFragment } from './routing/fragment.ts';
import { usePath } from './routing/path.ts';

/** Each path that the api serves this page at; a missing one does not compile. */
const screens: Record<PagePath, ComponentType> = {
  '/': Home,
  '/login': Login,
  '/login/oidc': OidcLanding,
  '/forgot-password': ForgotPassword,
  '/reset-password': ResetPassword,
  '/verify-email': VerifyEmail,
  '/change-email': ChangeEmail,
  '/invitation': Invitation,
};

export function App() {
  const path = usePath();
  // A second link in the same tab is a page of its own, with nothing left of the first.
  const { visit } = useFragment();
  const Screen = screens[path as PagePath] ?? Home;
  return <Screen key={`${path} ${visit}`} />;
}
