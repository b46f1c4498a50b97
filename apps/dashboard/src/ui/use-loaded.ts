import { useCallback, useEffect, useState } from 'react';
import type { Refusal } from '../api/http.ts';
import { asRefusal } from './act.ts';

interface Loaded<T> {
  data: T | undefined;
  error: Refusal | undefined;
  reload(): void;
}

/** What `load` gives; what was known stays while it is loaded anew. @param load stays the same function */
export function useLoaded<T>(load: () => Promise<T>): Loaded<T> {
  const [state, setState] = useState<{ data?: T; error?: Refusal }>({});
  const [turn, setTurn] = useState(0);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new turn loads anew
  useEffect(() => {
    let isCurrent = true;
    load().then(
      (data) => isCurrent && setState({ data }),
      (thrown) => isCurrent && setState(({ data }) => ({ data, error: asRefusal(thrown) })),
    );
    return () => {
      isCurrent = false;
    };
  }, [load, turn]);
  const reload = useCallback(() => {
    setState(({ data }) => ({ data }));
    setTurn((last) => last + 1);
  }, []);
  return { data: state.data, error: state.error, reload };
}
