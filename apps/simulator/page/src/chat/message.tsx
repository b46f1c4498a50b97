import { Ban, CornerUpLeft, Forward, MoreHorizontal, Pencil, SmilePlus, Star, Trash2 } from 'lucide-react';
import { DropdownMenu, Popover } from 'radix-ui';
import { useRef, useState } from 'react';
import { react, revoke } from '../api/phones.ts';
import type { Chat, ChatMessage, Person } from '../api/types.ts';
import { useAct } from '../ui/act.ts';
import { clockTime } from '../ui/format.ts';
import { Content } from './content.tsx';
import { kindLine } from './preview.ts';
import { TicksMark } from './ticks.tsx';

interface MessageProps {
  person: Person;
  people: Person[];
  chat: Chat;
  message: ChatMessage;
  /** By the same author as the one above it. */
  continues: boolean;
  onReply(): void;
  onEdit(): void;
}

const EMOJI = ['👍', '❤️', '😂', '😮', '😢', '🙏'];

export function Message({ person, people, chat, message, continues, onReply, onEdit }: MessageProps) {
  const { fromMe, revoked, kind } = message;
  const act = useAct((what: () => Promise<unknown>) => what());
  if (kind === 'notice') {
    return (
      <p className="mx-auto my-2 w-fit max-w-full rounded-full bg-sunk px-3 py-1 text-center text-xs text-soft">
        {message.text}
      </p>
    );
  }
  const mine = message.reactions.find(({ senders }) => senders.includes(person.number))?.emoji;
  const nameOf = (number: string): string => people.find((one) => one.number === number)?.name ?? `+${number}`;
  return (
    <article
      aria-label={`${fromMe ? 'You' : message.senderName}, ${clockTime(message.at)}`}
      className={`group flex items-end gap-1 ${fromMe ? 'flex-row-reverse' : ''} ${continues ? '' : 'mt-2'}`}
    >
      <div className={`flex max-w-[85%] min-w-0 flex-col sm:max-w-[75%] ${fromMe ? 'items-end' : 'items-start'}`}>
        <div
          className={`min-w-24 max-w-full rounded-2xl px-3 py-2 text-[0.95rem] shadow-[0_1px_1px_rgb(0_0_0/0.06)] sm:text-sm ${fromMe ? 'rounded-br-md bg-mine' : 'rounded-bl-md bg-card'}`}
        >
          {chat.kind === 'group' && !fromMe && !continues && (
            <p className="mb-0.5 text-xs font-semibold text-plum">{message.senderName}</p>
          )}
          {message.forwarded > 0 && (
            <p className="mb-0.5 flex items-center gap-1 text-xs text-soft italic">
              <Forward className="size-3" aria-hidden /> Forwarded
            </p>
          )}
          {message.quoted && !revoked && (
            <blockquote className="mb-1 rounded-lg border-l-3 border-plum bg-ink/5 px-2 py-1 text-xs text-soft">
              {message.quoted.sender && (
                <span className="block font-semibold text-plum">{nameOf(message.quoted.sender)}</span>
              )}
              <span className="line-clamp-2">{message.quoted.text ?? kindLine(message.quoted.kind ?? 'text')}</span>
            </blockquote>
          )}
          {revoked ? (
            <p className="flex items-center gap-1.5 text-soft italic">
              <Ban className="size-4" aria-hidden />
              {revoked.by === person.number ? 'You deleted this' : 'Deleted'}
            </p>
          ) : (
            <Content person={person} chat={chat} message={message} nameOf={nameOf} />
          )}
          <p className="mt-0.5 flex items-center justify-end gap-1 text-[0.7rem] text-soft">
            {message.starred && <Star className="size-3 fill-current" aria-label="Starred" />}
            {message.edited && !revoked && <span>edited</span>}
            <time dateTime={new Date(message.at).toISOString()}>{clockTime(message.at)}</time>
            {fromMe && <TicksMark ticks={message.ticks} />}
          </p>
        </div>
        {message.reactions.length > 0 && (
          <ul aria-label="Reactions" className="-mt-1.5 flex flex-wrap gap-1 px-2">
            {message.reactions.map(({ emoji, senders }) => (
              <li
                key={emoji}
                title={senders.map(nameOf).join(', ')}
                className="rounded-full border bg-card px-1.5 text-sm leading-6 shadow-sm"
              >
                {emoji}
                {senders.length > 1 && <span className="ml-1 text-xs text-soft">{senders.length}</span>}
                <span className="sr-only"> by {senders.map(nameOf).join(', ')}</span>
              </li>
            ))}
          </ul>
        )}
        {act.error && (
          <p role="alert" className="mt-1 text-xs text-bad">
            {act.error.message}
          </p>
        )}
      </div>
      {!revoked && !chat.readOnly && (
        <Actions
          message={message}
          mine={mine}
          onReact={(emoji) => void act.run(() => react(person.number, chat.id, message, emoji === mine ? '' : emoji))}
          onReply={onReply}
          onEdit={onEdit}
          onRevoke={() => void act.run(() => revoke(person.number, chat.id, message))}
        />
      )}
    </article>
  );
}

interface ActionsProps {
  message: ChatMessage;
  /** The own reaction, if there is one. */
  mine?: string;
  onReact(emoji: string): void;
  onReply(): void;
  onEdit(): void;
  onRevoke(): void;
}

/** What can be done with a message. The buttons fade in for a pointer, and are always there for the keyboard and touch. */
function Actions({ message, mine, onReact, onReply, onEdit, onRevoke }: ActionsProps) {
  const [reacting, setReacting] = useState(false);
  /** What continues where one writes is done when the menu has closed, which would take the focus back before. */
  const next = useRef<() => void>(undefined);
  const after = (act: () => void): void => {
    next.current = act;
  };
  const isText = message.kind === 'text';
  return (
    <div className="flex shrink-0 opacity-60 transition group-hover:opacity-100 focus-within:opacity-100 pointer-fine:opacity-0">
      <Popover.Root open={reacting} onOpenChange={setReacting}>
        <Popover.Trigger
          aria-label="React"
          className="grid size-8 place-items-center rounded-lg text-soft hover:bg-wash"
        >
          <SmilePlus className="size-4" aria-hidden />
        </Popover.Trigger>
        <Popover.Portal>
          <Popover.Content
            side="top"
            collisionPadding={8}
            className="z-30 flex rounded-full border bg-card p-1 shadow-xl"
          >
            {EMOJI.map((emoji) => (
              <button
                key={emoji}
                type="button"
                aria-pressed={emoji === mine}
                aria-label={emoji === mine ? `Take ${emoji} back` : `React with ${emoji}`}
                className={`grid size-10 place-items-center rounded-full text-xl transition hover:scale-125 ${emoji === mine ? 'bg-wash' : ''}`}
                onClick={() => {
                  setReacting(false);
                  onReact(emoji);
                }}
              >
                {emoji}
              </button>
            ))}
          </Popover.Content>
        </Popover.Portal>
      </Popover.Root>
      <DropdownMenu.Root>
        <DropdownMenu.Trigger
          aria-label="More"
          className="grid size-8 place-items-center rounded-lg text-soft hover:bg-wash"
        >
          <MoreHorizontal className="size-4" aria-hidden />
        </DropdownMenu.Trigger>
        <DropdownMenu.Portal>
          <DropdownMenu.Content
            collisionPadding={8}
            onCloseAutoFocus={(event) => {
              if (!next.current) return;
              event.preventDefault();
              next.current();
              next.current = undefined;
            }}
            className="z-30 min-w-44 rounded-2xl border bg-card p-1 shadow-xl"
          >
            <Item icon={<CornerUpLeft aria-hidden />} label="Reply" onSelect={() => after(onReply)} />
            {message.fromMe && isText && (
              <Item icon={<Pencil aria-hidden />} label="Edit" onSelect={() => after(onEdit)} />
            )}
            {message.fromMe && <Item icon={<Trash2 aria-hidden />} label="Delete for everyone" onSelect={onRevoke} />}
          </DropdownMenu.Content>
        </DropdownMenu.Portal>
      </DropdownMenu.Root>
    </div>
  );
}

function Item({ icon, label, onSelect }: { icon: React.ReactNode; label: string; onSelect(): void }) {
  return (
    <DropdownMenu.Item
      onSelect={onSelect}
      className="flex min-h-10 cursor-pointer items-center gap-3 rounded-xl px-3 text-sm outline-none data-[highlighted]:bg-wash [&_svg]:size-4 [&_svg]:text-soft"
    >
      {icon}
      {label}
    </DropdownMenu.Item>
  );
}
