import { type ReactNode, useEffect, useRef } from 'react';
import icon from '../icon.svg';

interface FrameProps {
  title: string;
  /** A sentence under the title. */
  lead?: ReactNode;
  wide?: boolean;
  children?: ReactNode;
}

/** A page: its title goes to the tab, and takes the focus when it appears so that screen readers read it. */
export function Frame({ title, lead, wide = false, children }: FrameProps) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${title} · Waypost`;
    // Not from a field that asked for the focus itself.
    if (!document.activeElement || document.activeElement === document.body) heading.current?.focus();
  }, [title]);
  return (
    <div className="flex min-h-dvh flex-col items-center px-4 py-8 sm:py-16">
      <div className={`w-full ${wide ? 'max-w-2xl' : 'max-w-md'}`}>
        <header className="mb-5 flex items-center gap-2.5 px-1">
          <img src={icon} alt="" className="size-8" />
          <span className="text-lg font-semibold tracking-tight">Waypost</span>
        </header>
        <main className="rounded-2xl border bg-card p-5 shadow-sm sm:p-8">
          <h1 ref={heading} tabIndex={-1} className="text-xl font-semibold tracking-tight text-balance">
            {title}
          </h1>
          {lead && <p className="mt-2 text-sm leading-relaxed break-words text-soft">{lead}</p>}
          {children && <div className="mt-6">{children}</div>}
        </main>
      </div>
    </div>
  );
}
