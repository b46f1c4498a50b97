import { Tabs } from 'radix-ui';
import { useState } from 'react';
import type { Person } from '../api/types.ts';
import { useAct } from '../ui/act.ts';
import { Dialog } from '../ui/dialog.tsx';
import { phoneNumber } from '../ui/format.ts';
import { Failed } from '../ui/states.tsx';
import { CodeForm } from './code-form.tsx';
import { QrForm } from './qr-form.tsx';
import { WaitingList } from './waiting-list.tsx';

/** A way of linking runs what it is given, and closes the dialog when that worked. */
export type Link = (act: () => Promise<unknown>) => void;

interface LinkDialogProps {
  person: Person;
  open: boolean;
  onOpenChange(open: boolean): void;
}

const WAYS = [
  { value: 'waiting', label: 'Waiting' },
  { value: 'qr', label: 'QR code' },
  { value: 'code', label: 'Pairing code' },
];

export function LinkDialog({ person, open, onOpenChange }: LinkDialogProps) {
  const [way, setWay] = useState('waiting');
  const link = useAct(async (act: () => Promise<unknown>) => {
    await act();
    onOpenChange(false);
  });
  const run: Link = (act) => void link.run(act);
  const close = (next: boolean): void => {
    link.clear();
    onOpenChange(next);
  };
  return (
    <Dialog
      open={open}
      onOpenChange={close}
      title="Link a device"
      description={`It becomes a device of ${person.name}, ${phoneNumber(person.number)}.`}
    >
      <Tabs.Root
        value={way}
        onValueChange={(value) => {
          link.clear();
          setWay(value);
        }}
      >
        <Tabs.List aria-label="Ways to link" className="mb-4 grid grid-cols-3 gap-1 rounded-xl bg-sunk p-1">
          {WAYS.map(({ value, label }) => (
            <Tabs.Trigger
              key={value}
              value={value}
              className="min-h-9 rounded-lg text-sm font-medium text-soft data-[state=active]:bg-card data-[state=active]:text-ink data-[state=active]:shadow-sm"
            >
              {label}
            </Tabs.Trigger>
          ))}
        </Tabs.List>
        <Tabs.Content value="waiting">
          <WaitingList person={person} busy={link.busy} link={run} onOther={() => setWay('qr')} />
        </Tabs.Content>
        <Tabs.Content value="qr">
          <QrForm person={person} busy={link.busy} link={run} />
        </Tabs.Content>
        <Tabs.Content value="code">
          <CodeForm person={person} busy={link.busy} link={run} />
        </Tabs.Content>
      </Tabs.Root>
      {link.error && <Failed error={link.error} />}
    </Dialog>
  );
}
