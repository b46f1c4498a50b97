import { CircleAlert } from 'lucide-react';
import type { ReactNode } from 'react';
import type { Resource } from '../live/resource.ts';
import { Button } from './button.tsx';

/** Nothing is there yet: says what this place is for and how to begin. */
export function Empty({ icon, title, children }: { icon: ReactNode; title: string; children?: ReactNode }) {
  return (
    <div className="mx-auto flex max-w-sm flex-col items-center gap-2 px-6 py-12 text-center">
      <div className="mb-1 grid size-14 place-items-center rounded-2xl bg-wash text-plum [&_svg]:size-7">{icon}</div>
      <h3 className="font-display text-lg">{title}</h3>
      <div className="space-y-3 text-sm leading-relaxed text-soft">{children}</div>
    </div>
  );
}

export function Failed({ error, onRetry }: { error: Error; onRetry?: () => void }) {
  return (
    <div
      role="alert"
      className="m-4 flex flex-wrap items-center gap-3 rounded-xl border border-bad/40 bg-bad/5 p-3 text-sm"
    >
      <CircleAlert className="size-5 shrink-0 text-bad" aria-hidden />
      <p className="min-w-40 flex-1">{error.message}</p>
      {onRetry && <Button onClick={onRetry}>Try again</Button>}
    </div>
  );
}

export function Loading({ what }: { what: string }) {
  return (
    <div role="status" className="space-y-3 p-4">
      <span className="sr-only">Loading {what}</span>
      {[80, 60, 70].map((width) => (
        <div key={width} className="h-12 animate-pulse rounded-xl bg-sunk" style={{ width: `${width}%` }} />
      ))}
    </div>
  );
}

/** Shows what is there, or why it is not. */
export function Show<T>({
  resource,
  what,
  children,
}: {
  resource: Resource<T>;
  what: string;
  children: (data: T) => ReactNode;
}) {
  if (resource.data !== undefined) return <>{children(resource.data)}</>;
  if (resource.error) return <Failed error={resource.error} onRetry={resource.reload} />;
  return <Loading what={what} />;
}
