import { useLayoutEffect, useRef } from 'react';
import type { Chat, ChatMessage, Person } from '../api/types.ts';
import { Button } from '../ui/button.tsx';
import { dayOf, sameDay } from '../ui/format.ts';
import { Message } from './message.tsx';

interface MessageListProps {
  person: Person;
  people: Person[];
  chat: Chat;
  /** Everything that there is, is shown. */
  full: boolean;
  onEarlier(): void;
  onReply(message: ChatMessage): void;
  onEdit(message: ChatMessage): void;
}

const NEAR_END = 120;

/** The messages of a chat, oldest first. It stays at the end while one is there, and where one is otherwise. */
export function MessageList({ person, people, chat, full, onEarlier, onReply, onEdit }: MessageListProps) {
  const box = useRef<HTMLDivElement>(null);
  const atEnd = useRef(true);
  const height = useRef(0);
  const first = chat.messages[0]?.index;
  const last = chat.messages.at(-1);
  const lastLine = `${last?.index} ${last?.reactions.length} ${last?.ticks}`;

  // biome-ignore lint/correctness/useExhaustiveDependencies: what is shown has changed when one of them has
  useLayoutEffect(() => {
    const element = box.current;
    if (!element) return;
    if (atEnd.current) element.scrollTop = element.scrollHeight;
    height.current = element.scrollHeight;
  }, [lastLine]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: earlier messages came when the first is another one
  useLayoutEffect(() => {
    const element = box.current;
    if (!element || atEnd.current) return;
    element.scrollTop += element.scrollHeight - height.current;
    height.current = element.scrollHeight;
  }, [first]);

  const followImages = (): void => {
    if (atEnd.current && box.current) box.current.scrollTop = box.current.scrollHeight;
  };

  return (
    <div
      ref={box}
      role="log"
      aria-label={`Messages with ${chat.title}`}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, and must do so by keyboard
      tabIndex={0}
      onLoadCapture={followImages}
      onScroll={({ currentTarget: { scrollTop, clientHeight, scrollHeight } }) => {
        atEnd.current = scrollHeight - scrollTop - clientHeight < NEAR_END;
      }}
      className="min-h-0 flex-1 overflow-y-auto overscroll-contain px-3 py-4 sm:px-6"
    >
      {!full && (
        <div className="pb-4 text-center">
          <Button
            onClick={() => {
              atEnd.current = false;
              height.current = box.current?.scrollHeight ?? 0;
              onEarlier();
            }}
          >
            Earlier messages
          </Button>
        </div>
      )}
      {chat.messages.length === 0 && (
        <p className="py-12 text-center text-sm text-soft">Nothing written yet. The first message begins the chat.</p>
      )}
      <ol className="mx-auto flex max-w-3xl flex-col gap-1">
        {chat.messages.map((message, index) => {
          const before = chat.messages[index - 1];
          const newDay = !before || !sameDay(before.at, message.at);
          const sameAuthor = !newDay && before?.sender === message.sender && before?.kind !== 'notice';
          return (
            <li key={message.index}>
              {newDay && <p className="py-3 text-center text-xs font-medium text-soft">{dayOf(message.at)}</p>}
              <Message
                person={person}
                people={people}
                chat={chat}
                message={message}
                continues={sameAuthor}
                onReply={() => onReply(message)}
                onEdit={() => onEdit(message)}
              />
            </li>
          );
        })}
      </ol>
    </div>
  );
}
