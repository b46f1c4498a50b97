import { createContext, type ReactNode, useContext, useEffect, useMemo, useState } from 'react';
import type { Typing } from '../api/types.ts';

/** Something that happened in the simulation, as `/events` tells it. */
export interface Change {
  kind: 'person' | 'message' | 'receipt' | 'typing' | 'chats' | 'pairing' | 'problem' | 'stanzas' | 'reset';
  number?: string;
  record?: unknown;
}

export interface Live {
  /** False while the simulator cannot be reached. */
  connected: boolean;
  /** Returns the act that ends it. */
  listen(listener: (change: Change) => void): () => void;
}

const KINDS = ['person', 'message', 'receipt', 'typing', 'chats', 'pairing', 'problem', 'stanzas', 'reset'] as const;
const LiveContext = createContext<Live>({ connected: false, listen: () => () => undefined });

/** One stream of changes for the whole page. The browser connects it again by itself; then everything is looked at anew. */
export function LiveProvider({ children }: { children: ReactNode }) {
  const [connected, setConnected] = useState(true);
  const listeners = useMemo(() => new Set<(change: Change) => void>(), []);
  useEffect(() => {
    const tell = (change: Change): void => {
      for (const listener of listeners) listener(change);
    };
    let lost = false;
    const source = new EventSource('/events');
    source.addEventListener('ready', () => {
      setConnected(true);
      // What passed between a first look and the beginning of the stream was told to nobody.
      tell({ kind: lost ? 'reset' : 'stanzas' });
      lost = false;
    });
    source.addEventListener('error', () => {
      lost = true;
      setConnected(false);
    });
    for (const kind of KINDS) {
      source.addEventListener(kind, (event) => tell({ kind, ...JSON.parse(event.data) }));
    }
    return () => source.close();
  }, [listeners]);
  const live = useMemo<Live>(
    () => ({
      connected,
      listen: (listener) => {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
    }),
    [connected, listeners],
  );
  return <LiveContext.Provider value={live}>{children}</LiveContext.Provider>;
}

export const useLive = (): Live => useContext(LiveContext);

/** Who is typing to this person now, by number. Ends by itself, as on a phone. */
export function useTyping(number: string): Map<string, Typing['state']> {
  const [typing, setTyping] = useState(new Map<string, Typing['state']>());
  const { listen } = useLive();
  useEffect(() => {
    const timers = new Map<string, number>();
    const set = (from: string, state: Typing['state']): void => {
      setTyping((known) => {
        const next = new Map(known);
        if (state === 'paused') next.delete(from);
        else next.set(from, state);
        return next;
      });
    };
    const stop = listen((change) => {
      if (change.kind !== 'typing' || change.number !== number) return;
      const { from, state } = change.record as Typing;
      window.clearTimeout(timers.get(from));
      set(from, state);
      if (state !== 'paused')
        timers.set(
          from,
          window.setTimeout(() => set(from, 'paused'), 15_000),
        );
    });
    return () => {
      stop();
      for (const timer of timers.values()) window.clearTimeout(timer);
    };
  }, [listen, number]);
  return typing;
}
