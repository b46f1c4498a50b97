import { ArrowLeft, Check, Copy, ShieldCheck } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { call } from '../api/http.ts';
import type { NetworkState, Person, Problem } from '../api/types.ts';
import { useResource } from '../live/resource.ts';
import { hrefOf } from '../live/route.ts';
import { useAct } from '../ui/act.ts';
import { Button, IconButton } from '../ui/button.tsx';
import { shortTime } from '../ui/format.ts';
import { Failed, Show } from '../ui/states.tsx';

interface Info {
  url: string;
  rootKeyHex: string;
  caPem: string;
}

const NEWEST = 100;

/** The network as a whole: how it is, what clients did wrong, and what a client must be told to get in. */
export function NetworkScreen({ people }: { people: Person[] }) {
  const state = useResource<NetworkState>('/network', ({ kind }) => kind !== 'typing' && kind !== 'chats');
  const problems = useResource<Problem[]>('/problems', ({ kind }) => kind === 'problem');
  const stats = useResource<Record<string, number>>('/stats', ({ kind }) => kind === 'stanzas');
  const info = useResource<Info>('/info', () => false);
  const clear = useAct(async () => {
    await call('DELETE', '/problems');
    problems.reload();
    state.reload();
  });
  const devices = people.flatMap((person) => person.devices);
  return (
    <>
      <header className="flex items-center gap-2 border-b bg-card px-3 py-3 sm:px-5">
        <a
          href={hrefOf({ screen: 'phones' })}
          aria-label="All phones"
          className="grid size-10 place-items-center rounded-xl text-soft hover:bg-wash lg:hidden"
        >
          <ArrowLeft className="size-5" aria-hidden />
        </a>
        <h2 className="flex-1 font-display text-xl">Network</h2>
        <a href="/docs" className="text-sm text-plum underline">
          Control interface
        </a>
      </header>
      <div className="min-h-0 flex-1 overflow-y-auto p-4 sm:p-6">
        <div className="mx-auto max-w-3xl space-y-6">
          <Show resource={state} what="the network">
            {({ clock, seed, waiting }) => (
              <dl className="grid grid-cols-2 gap-3 sm:grid-cols-4">
                <Fact label="People" value={people.length} />
                <Fact
                  label="Linked devices"
                  value={`${devices.filter(({ isConnected }) => isConnected).length} of ${devices.length}`}
                  hint="connected"
                />
                <Fact label="Waiting to be linked" value={waiting} />
                <Fact
                  label={clock.driven ? 'Clock, driven' : 'Clock'}
                  value={new Date(clock.now).toLocaleTimeString()}
                  hint={`seed ${seed}`}
                />
              </dl>
            )}
          </Show>
          <section aria-label="Problems">
            <div className="mb-2 flex items-center gap-3">
              <h3 className="flex-1 font-display text-lg">Problems</h3>
              {Boolean(problems.data?.length) && (
                <Button busy={clear.busy} onClick={() => void clear.run()}>
                  Forget them
                </Button>
              )}
            </div>
            {clear.error && <Failed error={clear.error} />}
            <Show resource={problems} what="problems">
              {(list) => (list.length === 0 ? <AllWell /> : <ProblemList problems={list} />)}
            </Show>
          </section>
          <section aria-label="For clients">
            <h3 className="mb-2 font-display text-lg">What a client must be told</h3>
            <Show resource={info} what="addresses">
              {({ url, rootKeyHex, caPem }) => (
                <div className="divide-y rounded-2xl border bg-card">
                  <Copyable label="Address" value={url} />
                  <Copyable label="Root key" value={rootKeyHex} />
                  <Copyable label="CA of the media host" value={caPem} shown="a certificate in PEM" />
                </div>
              )}
            </Show>
          </section>
          <section aria-label="Counters">
            <h3 className="mb-2 font-display text-lg">Counters</h3>
            <Show resource={stats} what="counters">
              {(counters) => (
                <dl className="grid gap-x-8 rounded-2xl border bg-card px-4 py-2 font-mono text-xs sm:grid-cols-2">
                  {Object.entries(counters).map(([name, value]) => (
                    <div key={name} className="flex gap-3 border-b py-1.5">
                      <dt className="min-w-0 flex-1 truncate text-soft" title={name}>
                        {name}
                      </dt>
                      <dd>{value}</dd>
                    </div>
                  ))}
                </dl>
              )}
            </Show>
          </section>
        </div>
      </div>
    </>
  );
}

function Fact({ label, value, hint }: { label: string; value: ReactNode; hint?: string }) {
  return (
    <div className="min-w-0 rounded-2xl border bg-card p-4">
      <dt className="text-xs text-soft">{label}</dt>
      <dd className="mt-1 font-display text-xl">{value}</dd>
      {hint && (
        <dd className="truncate text-xs text-soft" title={hint}>
          {hint}
        </dd>
      )}
    </div>
  );
}

const AllWell = () => (
  <p className="flex items-center gap-3 rounded-2xl border border-good/40 bg-good/10 p-4 text-sm">
    <ShieldCheck className="size-5 text-good" aria-hidden />
    No client did anything that the network does not know.
  </p>
);

function ProblemList({ problems }: { problems: Problem[] }) {
  const newest = problems.slice(-NEWEST).reverse();
  return (
    <ul className="divide-y rounded-2xl border bg-card">
      {newest.map(({ kind, who, detail, at }, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the same problem may come twice in one millisecond
        <li key={`${at} ${index}`} className="p-3 text-sm">
          <p className="flex flex-wrap gap-x-3">
            <b className="font-semibold text-bad">{kind}</b>
            <span className="flex-1 font-mono text-xs leading-5 text-soft">{who}</span>
            <time className="text-xs text-soft">{shortTime(at)}</time>
          </p>
          <p className="mt-1 line-clamp-6 font-mono text-xs break-words whitespace-pre-wrap">{detail}</p>
        </li>
      ))}
      {problems.length > NEWEST && <li className="p-3 text-xs text-soft">and {problems.length - NEWEST} older ones</li>}
    </ul>
  );
}

function Copyable({ label, value, shown = value }: { label: string; value: string; shown?: string }) {
  const [copied, setCopied] = useState(false);
  const copy = async (): Promise<void> => {
    await navigator.clipboard.writeText(value);
    setCopied(true);
    window.setTimeout(() => setCopied(false), 1_500);
  };
  return (
    <div className="flex items-center gap-3 px-4 py-2">
      <div className="min-w-0 flex-1">
        <p className="text-xs text-soft">{label}</p>
        <p className="truncate font-mono text-xs">{shown}</p>
      </div>
      <IconButton label={copied ? 'Copied' : `Copy: ${label}`} onClick={() => void copy()}>
        {copied ? <Check aria-hidden className="text-good" /> : <Copy aria-hidden />}
      </IconButton>
    </div>
  );
}
