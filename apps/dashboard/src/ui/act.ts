import { type FormEvent, useState } from 'react';
import { Refusal } from '../api/http.ts';

interface Act {
  busy: boolean;
  error: Refusal | null;
  /** What is wrong with a field, as a sentence. */
  problemOf(field: string): string | undefined;
  /** The error's sentence, unless the fields `shown` already say what is wrong. */
  messageBeside(...shown: string[]): string | null;
  /** For a button, or for a form to submit. */
  run(event?: FormEvent): void;
}

/** Something that a person starts, one at a time. */
export function useAct(action: () => Promise<unknown>): Act {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<Refusal | null>(null);

  const start = async (): Promise<void> => {
    setBusy(true);
    setError(null);
    try {
      await action();
    } catch (thrown) {
      setError(asRefusal(thrown));
    } finally {
      setBusy(false);
    }
  };
  const problemOf = (field: string): string | undefined => {
    const message = error?.fields.find(({ path }) => path === field)?.message;
    return message && `It ${message}.`;
  };
  return {
    busy,
    error,
    problemOf,
    messageBeside: (...shown) => (error === null || shown.some(problemOf) ? null : error.message),
    run: (event) => {
      event?.preventDefault();
      if (!busy) void start();
    },
  };
}

export function asRefusal(thrown: unknown): Refusal {
  if (thrown instanceof Refusal) return thrown;
  console.error(thrown);
  return new Refusal('Something went wrong in this page. Load it anew and try again.', 0, 'PAGE_FAILED');
}
