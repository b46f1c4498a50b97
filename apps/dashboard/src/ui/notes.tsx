import { CircleAlert, CircleCheck } from 'lucide-react';
import type { ReactNode } from 'react';
import { Button } from './button.tsx';

/** Something went wrong. Read out at once. */
export function Problem({ children, onRetry }: { children: ReactNode; onRetry?: () => void }) {
  return (
    <div role="alert" className="rounded-lg border border-bad/50 bg-bad/5 p-3 text-sm leading-relaxed">
      <div className="flex items-start gap-2.5">
        <CircleAlert className="mt-0.5 size-4 shrink-0 text-bad" aria-hidden />
        <div className="min-w-0 flex-1 break-words">{children}</div>
      </div>
      {onRetry && (
        <Button onClick={onRetry} className="mt-3 w-full">
          Try again
        </Button>
      )}
    </div>
  );
}

/** Something went well. Read out when there is a pause. */
export function Done({ children }: { children: ReactNode }) {
  return (
    <div role="status" className="flex items-start gap-2.5 rounded-lg border border-good/50 bg-good/5 p-3 text-sm">
      <CircleCheck className="mt-0.5 size-4 shrink-0 text-good" aria-hidden />
      <p className="min-w-0 flex-1 leading-relaxed break-words">{children}</p>
    </div>
  );
}

export function Loading({ what }: { what: string }) {
  return (
    <div role="status" className="space-y-3">
      <span className="sr-only">Loading {what}</span>
      <div className="h-4 w-3/4 animate-pulse rounded bg-line" />
      <div className="h-4 w-1/2 animate-pulse rounded bg-line" />
      <div className="h-11 animate-pulse rounded-lg bg-line" />
    </div>
  );
}
