import { Activity, ArrowDownLeft, ArrowLeft, ArrowUpRight, Pause, Play } from 'lucide-react';
import { useState } from 'react';
import type { Stanza } from '../api/types.ts';
import { hrefOf } from '../live/route.ts';
import { IconButton } from '../ui/button.tsx';
import { Empty, Failed, Loading } from '../ui/states.tsx';
import { StanzaDetailPanel } from './stanza-detail.tsx';
import { useStanzas } from './use-stanzas.ts';

const SHOWN = 400;
const PRECISE = new Intl.DateTimeFormat(undefined, {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  fractionalSecondDigits: 3,
});

/** What crosses the wire, as it does; the newest at the top. */
export function StanzaScreen() {
  const [paused, setPaused] = useState(false);
  const [filter, setFilter] = useState('');
  const [chosen, setChosen] = useState<number>();
  const { stanzas, error, reload } = useStanzas(paused);
  const found = stanzas?.filter((stanza) => matches(stanza, filter)) ?? [];
  return (
    <>
      <header className="flex flex-wrap items-center gap-2 border-b bg-card px-3 py-3 sm:px-5">
        <a
          href={hrefOf({ screen: 'phones' })}
          aria-label="All phones"
          className="grid size-10 place-items-center rounded-xl text-soft hover:bg-wash lg:hidden"
        >
          <ArrowLeft className="size-5" aria-hidden />
        </a>
        <h2 className="flex-1 font-display text-xl">Stanzas</h2>
        <input
          type="search"
          aria-label="Filter"
          placeholder="Filter: message 6281… out"
          value={filter}
          onChange={(event) => setFilter(event.target.value)}
          className="order-last w-full rounded-xl border bg-paper px-3 py-2 text-base outline-none focus:border-plum sm:order-none sm:w-72 sm:text-sm"
        />
        <IconButton
          label={paused ? 'Go on' : 'Pause'}
          aria-pressed={paused}
          look={paused ? 'solid' : 'quiet'}
          onClick={() => setPaused(!paused)}
        >
          {paused ? <Play aria-hidden /> : <Pause aria-hidden />}
        </IconButton>
      </header>
      <div className="flex min-h-0 flex-1">
        <div className={`${chosen === undefined ? '' : 'hidden md:block'} min-w-0 flex-1 overflow-y-auto`}>
          {error && <Failed error={error} onRetry={reload} />}
          {!stanzas && !error && <Loading what="stanzas" />}
          {stanzas?.length === 0 && (
            <Empty icon={<Activity aria-hidden />} title="Silence on the wire">
              <p>Every stanza between a client and the network appears here, decoded, as soon as a client connects.</p>
            </Empty>
          )}
          {stanzas && stanzas.length > 0 && found.length === 0 && (
            <p className="p-6 text-center text-sm text-soft">None of the last {stanzas.length} stanzas fits.</p>
          )}
          <ul aria-label="Stanzas, newest first">
            {found.slice(0, SHOWN).map((stanza) => (
              <li key={stanza.sequence}>
                <Line stanza={stanza} active={stanza.sequence === chosen} onOpen={() => setChosen(stanza.sequence)} />
              </li>
            ))}
          </ul>
          {found.length > SHOWN && (
            <p className="p-4 text-center text-xs text-soft">
              The newest {SHOWN} of {found.length}. Narrow the filter for older ones.
            </p>
          )}
        </div>
        {chosen !== undefined && <StanzaDetailPanel sequence={chosen} onClose={() => setChosen(undefined)} />}
      </div>
    </>
  );
}

function Line({ stanza, active, onOpen }: { stanza: Stanza; active: boolean; onOpen(): void }) {
  const { direction, tag, attrs, content, who, at } = stanza;
  const isIn = direction === 'in';
  const summary = [attrs.type, attrs.xmlns, attrs.class, content.join(' ')].filter(Boolean).join(' · ');
  return (
    <button
      type="button"
      aria-current={active ? 'true' : undefined}
      onClick={onOpen}
      className={`grid w-full grid-cols-[1.5rem_1fr_auto] items-center gap-2 border-b px-3 py-2 text-left font-mono text-xs transition sm:px-5 ${active ? 'bg-wash' : 'hover:bg-card'}`}
    >
      {isIn ? (
        <ArrowUpRight className="size-4 text-plum" aria-label="from the client" />
      ) : (
        <ArrowDownLeft className="size-4 text-good" aria-label="to the client" />
      )}
      <span className="min-w-0">
        <span className="flex gap-2">
          <b className="font-semibold">{tag}</b>
          <span className="truncate text-soft">{summary}</span>
        </span>
        <span className="block truncate text-soft">
          {who}
          {attrs.id && ` · ${attrs.id}`}
        </span>
      </span>
      <time className="text-soft">{PRECISE.format(at)}</time>
    </button>
  );
}

/** Every word must be somewhere in the stanza. */
function matches({ direction, who, tag, attrs, content }: Stanza, filter: string): boolean {
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return true;
  const text =
    `${direction} ${who} ${tag} ${Object.entries(attrs).flat().join(' ')} ${content.join(' ')}`.toLowerCase();
  return words.every((word) => text.includes(word));
}
