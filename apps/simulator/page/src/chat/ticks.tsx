import { Check, CheckCheck, CircleAlert, Clock3 } from 'lucide-react';
import type { Ticks } from '../api/types.ts';

const LABELS: Record<Ticks, string> = {
  pending: 'On its way',
  sent: 'Sent',
  delivered: 'Delivered',
  read: 'Read',
  played: 'Played',
  failed: 'Not sent',
};

/** How far an own message has come. */
export function TicksMark({ ticks }: { ticks?: Ticks }) {
  if (!ticks) return null;
  const Icon = ticks === 'pending' ? Clock3 : ticks === 'sent' ? Check : ticks === 'failed' ? CircleAlert : CheckCheck;
  const seen = ticks === 'read' || ticks === 'played';
  return (
    <span
      title={LABELS[ticks]}
      className={`shrink-0 ${ticks === 'failed' ? 'text-bad' : seen ? 'text-plum' : 'text-soft'}`}
    >
      <Icon className="size-4" strokeWidth={seen ? 2.6 : 2} aria-hidden />
      <span className="sr-only">{LABELS[ticks]}</span>
    </span>
  );
}
