import { useCallback, useEffect, useRef, useState } from 'react';
import { call } from '../api/http.ts';
import { type Change, useLive } from './live.tsx';

/** While changes keep coming, this long passes between two looks. */
const AGAIN_MS = 150;

export interface Resource<T> {
  data: T | undefined;
  error: Error | undefined;
  reload(): void;
}

/**
 * What the simulator says at a path, looked at again whenever a change concerns it. While it is loading anew, what was
 * known stays; changes that come meanwhile lead to one more look, not to many.
 */
export function useResource<T>(path: string | undefined, concerns: (change: Change) => boolean): Resource<T> {
  const [state, setState] = useState<{ path?: string; data?: T; error?: Error }>({});
  const { listen } = useLive();
  const relevant = useRef(concerns);
  relevant.current = concerns;
  const reloadRef = useRef<() => void>(() => undefined);

  useEffect(() => {
    if (path === undefined) return;
    const abort = new AbortController();
    let busy = false;
    let again = false;
    const load = async (): Promise<void> => {
      if (busy) {
        again = true;
        return;
      }
      busy = true;
      try {
        const data = await call<T>('GET', path, undefined, abort.signal);
        if (!abort.signal.aborted) setState({ path, data });
      } catch (error) {
        if (!abort.signal.aborted)
          setState((known) => ({ path, data: known.path === path ? known.data : undefined, error: error as Error }));
      }
      if (again) await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
      busy = false;
      if (again && !abort.signal.aborted) {
        again = false;
        void load();
      }
    };
    reloadRef.current = () => void load();
    void load();
    const stop = listen((change) => {
      if (change.kind === 'reset' || relevant.current(change)) void load();
    });
    return () => {
      abort.abort();
      stop();
    };
  }, [path, listen]);

  const reload = useCallback(() => reloadRef.current(), []);
  const isCurrent = state.path === path;
  return { data: isCurrent ? state.data : undefined, error: isCurrent ? state.error : undefined, reload };
}
