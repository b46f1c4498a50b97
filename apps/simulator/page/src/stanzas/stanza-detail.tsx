import { X } from 'lucide-react';
import type { StanzaDetail } from '../api/types.ts';
import { useResource } from '../live/resource.ts';
import { IconButton } from '../ui/button.tsx';
import { Show } from '../ui/states.tsx';

/** One stanza whole. */
export function StanzaDetailPanel({ sequence, onClose }: { sequence: number; onClose(): void }) {
  const detail = useResource<StanzaDetail>(`/stanzas/${sequence}`, () => false);
  return (
    <aside aria-label={`Stanza ${sequence}`} className="flex w-full flex-col border-l bg-card md:w-1/2">
      <div className="flex items-center gap-2 border-b px-4 py-2">
        <h3 className="flex-1 text-sm font-semibold">Stanza {sequence}</h3>
        <IconButton label="Close" onClick={onClose}>
          <X aria-hidden />
        </IconButton>
      </div>
      <div className="min-h-0 flex-1 overflow-auto p-4">
        <Show resource={detail} what="the stanza">
          {({ xml, decrypted }) => (
            <>
              {decrypted && (
                <p className="mb-3 rounded-xl bg-wash px-3 py-2 text-sm">
                  <span className="block text-xs text-soft">
                    Decrypted by {decrypted.by}: {decrypted.kind}
                  </span>
                  <span className="break-words whitespace-pre-wrap">{decrypted.text}</span>
                </p>
              )}
              <pre className="font-mono text-xs leading-relaxed break-all whitespace-pre-wrap">{xml}</pre>
            </>
          )}
        </Show>
      </div>
    </aside>
  );
}
