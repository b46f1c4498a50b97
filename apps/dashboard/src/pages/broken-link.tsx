import type { ReactNode } from 'react';
import { Frame } from '../ui/frame.tsx';

/** The page was opened without the secret that a mail's link ends with, or it does not count any more. */
export function BrokenLink({ title, why, children }: { title: string; why?: string; children: ReactNode }) {
  return (
    <Frame
      title={title}
      lead={why ?? 'The address is not complete. Open the link in the mail again, or copy all of it.'}
    >
      <div className="space-y-4">{children}</div>
    </Frame>
  );
}
