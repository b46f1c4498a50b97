import { type FormEvent, useState } from 'react';
import { sendPoll } from '../api/phones.ts';
import type { Chat, Person } from '../api/types.ts';
import { useAct } from '../ui/act.ts';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Field, Switch } from '../ui/fields.tsx';
import { Failed } from '../ui/states.tsx';

interface PollDialogProps {
  person: Person;
  chat: Chat;
  open: boolean;
  onOpenChange(open: boolean): void;
}

const MAX_OPTIONS = 12;

/** One line for an option; its id stays while its text changes. */
interface Line {
  id: number;
  text: string;
}

const blank = (): Line[] => [
  { id: 1, text: '' },
  { id: 2, text: '' },
];

export function PollDialog({ person, chat, open, onOpenChange }: PollDialogProps) {
  const [question, setQuestion] = useState('');
  const [options, setOptions] = useState(blank);
  const [several, setSeveral] = useState(false);
  const names = [...new Set(options.map(({ text }) => text.trim()).filter(Boolean))];
  const send = useAct(async () => {
    await sendPoll(person.number, chat, question.trim(), names, several ? 0 : 1);
    onOpenChange(false);
    setQuestion('');
    setOptions(blank());
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    event.stopPropagation();
    void send.run();
  };
  /** A filled last line makes room for one more. */
  const change = (id: number, text: string): void => {
    const next = options.map((option) => (option.id === id ? { id, text } : option));
    if (next.at(-1)?.text.trim() && next.length < MAX_OPTIONS) next.push({ id: next.length + 1, text: '' });
    setOptions(next);
  };
  return (
    <Dialog open={open} onOpenChange={onOpenChange} title="Poll" description={`${person.name} asks ${chat.title}.`}>
      <form onSubmit={submit} className="space-y-3">
        <Field label="Question" value={question} onChange={(event) => setQuestion(event.target.value)} required />
        {options.map(({ id, text }) => (
          <Field key={id} label={`Option ${id}`} value={text} onChange={(event) => change(id, event.target.value)} />
        ))}
        <Switch label="Several answers" checked={several} onChange={setSeveral} />
        {send.error && <Failed error={send.error} />}
        <Button
          type="submit"
          look="solid"
          className="w-full"
          busy={send.busy}
          disabled={names.length < 2 || !question.trim()}
        >
          Send
        </Button>
      </form>
    </Dialog>
  );
}
