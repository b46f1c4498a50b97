import { QrCode, Radar } from 'lucide-react';
import { scanWaiting } from '../api/phones.ts';
import type { Person, WaitingClient } from '../api/types.ts';
import { useResource } from '../live/resource.ts';
import { Button } from '../ui/button.tsx';
import { clockTime, phoneNumber } from '../ui/format.ts';
import { Empty, Show } from '../ui/states.tsx';
import type { Link } from './link-dialog.tsx';

interface WaitingListProps {
  person: Person;
  busy: boolean;
  link: Link;
  /** Somebody wants to scan or paste instead. */
  onOther(): void;
}

/** The clients that wait to be linked now. Those whose QR code was shown to the simulator need only be picked. */
export function WaitingList({ person, busy, link, onOther }: WaitingListProps) {
  const waiting = useResource<WaitingClient[]>('/waiting', ({ kind }) => kind === 'pairing');
  return (
    <Show resource={waiting} what="waiting clients">
      {(clients) =>
        clients.length === 0 ? (
          <Empty icon={<Radar aria-hidden />} title="Nobody is waiting">
            <p>Start linking in your client. It appears here as soon as it asks the network for a QR code.</p>
          </Empty>
        ) : (
          <ul className="space-y-2" aria-label="Waiting clients">
            {clients.map((client) => (
              <li key={client.id} className="flex flex-wrap items-center gap-3 rounded-2xl border bg-paper p-3">
                <QrCode className="size-6 shrink-0 text-plum" aria-hidden />
                <div className="min-w-32 flex-1">
                  <p className="truncate text-sm font-medium">{client.label ?? client.name}</p>
                  <p className="text-xs text-soft">
                    {client.label && `${client.name} · `}since {clockTime(client.since)}
                    {client.number && ` · asks for a code for ${phoneNumber(client.number)}`}
                  </p>
                </div>
                {client.shown ? (
                  <Button look="solid" busy={busy} onClick={() => link(() => scanWaiting(person.number, client.id))}>
                    Link
                  </Button>
                ) : (
                  <Button onClick={onOther}>Scan its code</Button>
                )}
              </li>
            ))}
          </ul>
        )
      }
    </Show>
  );
}
