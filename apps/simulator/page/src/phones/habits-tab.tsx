import { type FormEvent, useState } from 'react';
import { setHabits } from '../api/phones.ts';
import type { Habits, Person } from '../api/types.ts';
import { useAct } from '../ui/act.ts';
import { Button } from '../ui/button.tsx';
import { Field, Switch } from '../ui/fields.tsx';
import { Failed } from '../ui/states.tsx';

const seconds = (afterMs: number): string => String(afterMs / 1_000);
const milliseconds = (text: string): number => Math.max(0, Math.round(Number(text.replace(',', '.')) * 1_000) || 0);

/** What a person does by itself when a message comes. */
export function HabitsTab({ person }: { person: Person }) {
  const { read, reply, echo } = person.habits;
  const save = useAct((habits: Habits) => setHabits(person.number, habits));
  const change = (habits: Partial<Habits>): void => void save.run({ ...person.habits, ...habits });

  return (
    <div className="min-h-0 flex-1 overflow-y-auto p-4 sm:p-6">
      <div className="mx-auto max-w-xl space-y-4">
        <p className="text-sm text-soft">
          What {person.name} does without being told when a message comes. Nothing is on by default: a message stays
          unread until you read it here.
        </p>
        {save.error && <Failed error={save.error} />}
        <Habit
          label="Reads everything"
          hint="The sender sees the ticks turn."
          on={read !== undefined}
          onToggle={(on) => change({ read: on ? { afterMs: 1_000 } : undefined })}
        >
          <Delay value={read?.afterMs ?? 0} onSave={(afterMs) => change({ read: { afterMs } })} />
        </Habit>
        <Habit
          label="Answers every message"
          hint="Always with the same text."
          on={reply !== undefined}
          onToggle={(on) =>
            change({ reply: on ? { text: 'Thank you, I will look at it.', afterMs: 2_000 } : undefined })
          }
        >
          <Wording
            label="Answer"
            value={reply?.text ?? ''}
            onSave={(text) => change({ reply: { text, afterMs: reply?.afterMs ?? 0 } })}
          />
          <Delay
            value={reply?.afterMs ?? 0}
            onSave={(afterMs) => change({ reply: { text: reply?.text ?? '', afterMs } })}
          />
        </Habit>
        <Habit
          label="Echoes texts"
          hint="Sends each text back, with something in front."
          on={echo !== undefined}
          onToggle={(on) => change({ echo: on ? { prefix: 'You said: ' } : undefined })}
        >
          <Wording label="In front" value={echo?.prefix ?? ''} onSave={(prefix) => change({ echo: { prefix } })} />
        </Habit>
      </div>
    </div>
  );
}

interface HabitProps {
  label: string;
  hint: string;
  on: boolean;
  onToggle(on: boolean): void;
  children: React.ReactNode;
}

function Habit({ label, hint, on, onToggle, children }: HabitProps) {
  return (
    <section className="space-y-4 rounded-2xl border bg-card p-4">
      <Switch label={label} hint={hint} checked={on} onChange={onToggle} />
      {on && <div className="space-y-3 border-t pt-4">{children}</div>}
    </section>
  );
}

const Delay = ({ value, onSave }: { value: number; onSave(afterMs: number): void }) => (
  <Saved label="After so many seconds" value={seconds(value)} numeric onSave={(text) => onSave(milliseconds(text))} />
);

const Wording = ({ label, value, onSave }: { label: string; value: string; onSave(text: string): void }) => (
  <Saved label={label} value={value} onSave={onSave} />
);

interface SavedProps {
  label: string;
  value: string;
  numeric?: boolean;
  onSave(text: string): void;
}

/** A field with a button that appears when there is something to save. */
function Saved({ label, value, numeric, onSave }: SavedProps) {
  const [draft, setDraft] = useState<string>();
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (draft !== undefined) onSave(draft);
    setDraft(undefined);
  };
  return (
    <form onSubmit={submit} className="flex items-end gap-2">
      <Field
        className="flex-1"
        label={label}
        value={draft ?? value}
        inputMode={numeric ? 'decimal' : 'text'}
        onChange={(event) => setDraft(event.target.value)}
      />
      {draft !== undefined && draft !== value && (
        <Button type="submit" look="solid">
          Save
        </Button>
      )}
    </form>
  );
}
