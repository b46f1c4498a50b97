import { ChartColumn } from 'lucide-react';
import { useEffect, useState } from 'react';
import { vote } from '../api/phones.ts';
import type { Chat, ChatMessage, Person } from '../api/types.ts';
import { useAct } from '../ui/act.ts';
import { plural } from '../ui/format.ts';

interface PollProps {
  person: Person;
  chat: Chat;
  message: ChatMessage;
  poll: NonNullable<ChatMessage['poll']>;
  nameOf(number: string): string;
}

/** A poll: each option with who chose it, and a box for the owner of this phone. */
export function Poll({ person, chat, message, poll, nameOf }: PollProps) {
  const { question, options, selectable } = poll;
  const single = selectable === 1;
  const counted = options.filter(({ voters }) => voters.includes(person.number)).map(({ name }) => name);
  const countedLine = counted.join('\n');
  /** What was chosen just now, until the phone shows that it counts. */
  const [wish, setWish] = useState<string[]>();
  const chosen = wish ?? counted;
  const most = Math.max(1, ...options.map(({ voters }) => voters.length));
  const cast = useAct((names: string[]) => vote(person.number, chat.id, message, names));

  // biome-ignore lint/correctness/useExhaustiveDependencies: what counts has changed
  useEffect(() => setWish(undefined), [countedLine]);

  const toggle = (name: string): void => {
    const without = chosen.filter((one) => one !== name);
    const next = chosen.includes(name) ? without : single ? [name] : [...without, name];
    setWish(next);
    void cast.run(next).then((isDone) => {
      if (!isDone) setWish(undefined);
    });
  };

  return (
    <fieldset disabled={chat.readOnly} className="w-64 max-w-full">
      <legend className="mb-1 flex items-start gap-2 font-medium">
        <ChartColumn className="mt-0.5 size-4 shrink-0 text-plum" aria-hidden />
        {question}
      </legend>
      <p className="mb-2 text-xs text-soft">
        {single ? 'One answer' : selectable > 1 ? `Up to ${selectable} answers` : 'Any number of answers'}
      </p>
      {options.map(({ name, voters }) => (
        <label key={name} className="mb-2 block">
          <span className="flex items-center gap-2">
            <input
              type="checkbox"
              checked={chosen.includes(name)}
              onChange={() => toggle(name)}
              className={`size-4 accent-(--plum) ${single ? 'rounded-full' : ''}`}
            />
            <span className="min-w-0 flex-1 break-words">{name}</span>
            <span className="text-xs text-soft" title={voters.map(nameOf).join(', ')}>
              {voters.length}
              <span className="sr-only"> {plural(voters.length, 'vote')}</span>
            </span>
          </span>
          <span className="mt-1 ml-6 block h-1.5 rounded-full bg-ink/10" aria-hidden>
            <span
              className="block h-full rounded-full bg-plum transition-all"
              style={{ width: `${(voters.length / most) * 100}%` }}
            />
          </span>
        </label>
      ))}
      {cast.error && (
        <p role="alert" className="text-xs text-bad">
          {cast.error.message}
        </p>
      )}
    </fieldset>
  );
}
