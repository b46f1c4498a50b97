import { ClipboardPaste, ImageUp, MonitorUp } from 'lucide-react';
import { type ClipboardEvent, type FormEvent, useRef, useState } from 'react';
import { scan } from '../api/phones.ts';
import type { Person } from '../api/types.ts';
import { useAct } from '../ui/act.ts';
import { Button } from '../ui/button.tsx';
import { boxClass } from '../ui/fields.tsx';
import { Failed } from '../ui/states.tsx';
import type { Link } from './link-dialog.tsx';
import { fromClipboard, fromImage, fromScreen } from './qr-reader.ts';

/** A QR code from the screen, from a picture, or as the text that is in it. */
export function QrForm({ person, busy, link }: { person: Person; busy: boolean; link: Link }) {
  const [text, setText] = useState('');
  const picker = useRef<HTMLInputElement>(null);
  const read = useAct(async (find: () => Promise<string>) => {
    const qr = await find();
    link(() => scan(person.number, qr));
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    link(() => scan(person.number, text.trim()));
  };
  /** A picture in the clipboard is read where a text would be pasted. */
  const paste = (event: ClipboardEvent): void => {
    const picture = [...event.clipboardData.files].find(({ type }) => type.startsWith('image/'));
    if (!picture) return;
    event.preventDefault();
    void read.run(() => fromImage(picture));
  };
  const working = busy || read.busy;
  return (
    <div className="space-y-4" onPaste={paste}>
      <div className="grid gap-2 sm:grid-cols-3">
        <Button
          disabled={working || !navigator.mediaDevices?.getDisplayMedia}
          icon={<MonitorUp className="size-4" aria-hidden />}
          onClick={() => void read.run(fromScreen)}
        >
          From screen
        </Button>
        <Button
          disabled={working}
          icon={<ImageUp className="size-4" aria-hidden />}
          onClick={() => picker.current?.click()}
        >
          From picture
        </Button>
        <Button
          disabled={working}
          icon={<ClipboardPaste className="size-4" aria-hidden />}
          onClick={() => void read.run(fromClipboard)}
        >
          Clipboard
        </Button>
        <input
          ref={picker}
          type="file"
          accept="image/*"
          className="hidden"
          aria-label="Picture of a QR code"
          onChange={(event) => {
            const [picture] = event.target.files ?? [];
            event.target.value = '';
            if (picture) void read.run(() => fromImage(picture));
          }}
        />
      </div>
      <form onSubmit={submit} className="space-y-3">
        <label className="block text-sm font-medium" htmlFor="qr-text">
          Or paste its text
        </label>
        <textarea
          id="qr-text"
          rows={3}
          value={text}
          spellCheck={false}
          placeholder="2@… or https://wa.me/settings/linked_devices#2@…"
          onChange={(event) => setText(event.target.value)}
          className={`${boxClass} font-mono text-xs break-all`}
        />
        <Button type="submit" look="solid" className="w-full" busy={working} disabled={text.trim() === ''}>
          Link
        </Button>
      </form>
      {read.error && <Failed error={read.error} />}
    </div>
  );
}
