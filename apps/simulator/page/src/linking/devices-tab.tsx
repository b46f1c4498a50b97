import { Laptop, QrCode, Trash2, Unplug } from 'lucide-react';
import { useState } from 'react';
import { unlink } from '../api/phones.ts';
import type { Device, Person } from '../api/types.ts';
import { useAct } from '../ui/act.ts';
import { Button, IconButton } from '../ui/button.tsx';
import { plural } from '../ui/format.ts';
import { Empty, Failed } from '../ui/states.tsx';
import { LinkDialog } from './link-dialog.tsx';

/** The linked devices of an account, and the way to link one more. */
export function DevicesTab({ person }: { person: Person }) {
  const [linking, setLinking] = useState(false);
  return (
    <div className="min-h-0 flex-1 overflow-y-auto p-4 sm:p-6">
      <div className="mx-auto max-w-xl space-y-4">
        {person.devices.length === 0 ? (
          <Empty icon={<Laptop aria-hidden />} title="No linked device">
            <p>
              Link the client that you are testing to {person.name}'s number, as one links WhatsApp Web: with its QR
              code or its pairing code.
            </p>
          </Empty>
        ) : (
          <ul className="space-y-2" aria-label="Linked devices">
            {person.devices.map((device) => (
              <DeviceRow key={device.device} person={person} device={device} />
            ))}
          </ul>
        )}
        <Button
          look="solid"
          className="w-full"
          icon={<QrCode className="size-4" aria-hidden />}
          onClick={() => setLinking(true)}
        >
          Link a device
        </Button>
      </div>
      <LinkDialog person={person} open={linking} onOpenChange={setLinking} />
    </div>
  );
}

function DeviceRow({ person, device }: { person: Person; device: Device }) {
  const [asking, setAsking] = useState(false);
  const remove = useAct(() => unlink(person.number, device.device));
  return (
    <li className="rounded-2xl border bg-card p-3">
      <div className="flex items-center gap-3">
        <div className="grid size-11 place-items-center rounded-2xl bg-wash text-plum">
          {device.isConnected ? <Laptop className="size-5" aria-hidden /> : <Unplug className="size-5" aria-hidden />}
        </div>
        <div className="min-w-0 flex-1">
          <p className="truncate text-sm font-medium">{device.name ?? `Device ${device.device}`}</p>
          <p className="text-xs text-soft">
            {device.name && `Device ${device.device} · `}
            <span className={device.isConnected ? 'text-good' : 'text-warn'}>
              {device.isConnected ? 'connected' : 'not connected'}
            </span>
            {device.waiting > 0 && ` · ${plural(device.waiting, 'stanza')} unconfirmed`}
          </p>
        </div>
        <IconButton label={`Remove device ${device.device}`} onClick={() => setAsking(true)}>
          <Trash2 aria-hidden />
        </IconButton>
      </div>
      {asking && (
        <div className="mt-3 flex flex-wrap items-center gap-2 border-t pt-3 text-sm">
          <p className="min-w-40 flex-1">Log this device out? It must be linked anew afterwards.</p>
          <Button onClick={() => setAsking(false)}>Keep</Button>
          <Button look="danger" busy={remove.busy} onClick={() => void remove.run()}>
            Log out
          </Button>
        </div>
      )}
      {remove.error && <Failed error={remove.error} />}
    </li>
  );
}
