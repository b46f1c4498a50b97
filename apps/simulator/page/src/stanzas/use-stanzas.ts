import { useCallback, useEffect, useRef, useState } from 'react';
import { call } from '../api/http.ts';
import type { Stanza } from '../api/types.ts';
import { useLive } from '../live/live.tsx';

const KEPT = 2_000;
/** A busy network is looked at this often, not for each of its stanzas. */
const EVERY_MS = 400;

/** The last stanzas, newest first. While paused, what comes is fetched afterwards. */
export function useStanzas(paused: boolean) {
  const [stanzas, setStanzas] = useState<Stanza[]>();
  const [error, setError] = useState<Error>();
  const { listen } = useLive();
  const last = useRef(0);

  const load = useCallback(async (): Promise<void> => {
    try {
      const fresh = await call<Stanza[]>('GET', `/stanzas?after=${last.current}`);
      last.current = fresh.at(-1)?.sequence ?? last.current;
      setStanzas((known = []) => [...fresh.reverse(), ...known].slice(0, KEPT));
      setError(undefined);
    } catch (problem) {
      setError(problem as Error);
    }
  }, []);

  useEffect(() => {
    if (paused) return;
    let timer = 0;
    let busy = false;
    // What is told while a list is on its way may not be in it.
    let again = false;
    const later = (): void => {
      again = busy;
      if (timer !== 0 || busy) return;
      timer = window.setTimeout(async () => {
        timer = 0;
        busy = true;
        await load();
        busy = false;
        if (again) later();
      }, EVERY_MS);
    };
    void load();
    const stop = listen(({ kind }) => {
      if (kind === 'reset') {
        last.current = 0;
        setStanzas([]);
      }
      if (kind === 'stanzas' || kind === 'reset') later();
    });
    return () => {
      stop();
      window.clearTimeout(timer);
    };
  }, [paused, listen, load]);

  return { stanzas, error, reload: () => void load() };
}
