import type { MouseEvent, ReactNode } from 'react';
import type { PagePath } from '#contracts';
import { goTo } from '../routing/path.ts';

/** A link to another of our pages. */
export function PageLink({ to, solid = false, children }: { to: PagePath; solid?: boolean; children: ReactNode }) {
  const follow = (event: MouseEvent): void => {
    if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    goTo(to);
  };
  const look = solid
    ? 'flex min-h-11 items-center justify-center rounded-lg bg-blue px-4 font-medium text-on-blue hover:opacity-90'
    : 'inline-block py-1 font-medium text-blue underline decoration-blue/40 underline-offset-4 hover:decoration-blue';
  return (
    <a href={to} onClick={follow} className={`text-sm ${look}`}>
      {children}
    </a>
  );
}
