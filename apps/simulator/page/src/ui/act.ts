import { useCallback, useState } from 'react';

export interface Act<A extends unknown[]> {
  run(...args: A): Promise<boolean>;
  busy: boolean;
  error: Error | undefined;
  clear(): void;
}

/** Something a person does: busy while it goes on, with its error when it did not work. */
export function useAct<A extends unknown[]>(act: (...args: A) => Promise<unknown>): Act<A> {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<Error>();
  const run = async (...args: A): Promise<boolean> => {
    setBusy(true);
    setError(undefined);
    try {
      await act(...args);
      return true;
    } catch (problem) {
      setError(problem as Error);
      return false;
    } finally {
      setBusy(false);
    }
  };
  const clear = useCallback(() => setError(undefined), []);
  return { run, busy, error, clear };
}
