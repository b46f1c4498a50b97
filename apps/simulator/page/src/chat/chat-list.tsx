import { Megaphone, Timer, Users } from 'lucide-react';
import type { ChatSummary, Person, Typing } from '../api/types.ts';
import { hrefOf } from '../live/route.ts';
import { Count } from '../phones/sidebar.tsx';
import { Avatar } from '../ui/avatar.tsx';
import { shortTime } from '../ui/format.ts';
import { preview } from './preview.ts';
import { TicksMark } from './ticks.tsx';

interface ChatListProps {
  person: Person;
  chats: ChatSummary[];
  typing: Map<string, Typing['state']>;
  chosen?: string;
}

export function ChatList({ person, chats, typing, chosen }: ChatListProps) {
  return (
    <ul className="p-2">
      {chats.map((chat) => {
        const { id, title, lastMessage, unread, kind } = chat;
        const state = typing.get(id);
        return (
          <li key={id}>
            <a
              href={hrefOf({ screen: 'phone', number: person.number, tab: 'chats', chat: id })}
              aria-current={chosen === id ? 'page' : undefined}
              className={`flex items-center gap-3 rounded-2xl p-2.5 transition ${chosen === id ? 'bg-wash' : 'hover:bg-card'}`}
            >
              <Avatar name={title} id={id} size={44} round />
              <span className="min-w-0 flex-1">
                <span className="flex items-center gap-2">
                  <span className="flex min-w-0 flex-1 items-center gap-1 text-sm font-medium">
                    {kind === 'group' && <Users className="size-3.5 shrink-0 text-soft" aria-label="Group" />}
                    {kind === 'newsletter' && (
                      <Megaphone className="size-3.5 shrink-0 text-soft" aria-label="Channel" />
                    )}
                    <span className="truncate">{title}</span>
                    {chat.disappearingSeconds && (
                      <Timer className="size-3.5 shrink-0 text-soft" aria-label="Messages vanish" />
                    )}
                  </span>
                  {lastMessage && <time className="text-xs text-soft">{shortTime(lastMessage.at)}</time>}
                </span>
                <span className="flex items-center gap-1">
                  {lastMessage?.fromMe && <TicksMark ticks={lastMessage.ticks} />}
                  <span className={`min-w-0 flex-1 truncate text-xs ${state ? 'text-plum' : 'text-soft'}`}>
                    {state ? (state === 'recording' ? 'is recording…' : 'is typing…') : preview(lastMessage, kind)}
                  </span>
                  {unread > 0 && <Count value={unread} />}
                </span>
              </span>
            </a>
          </li>
        );
      })}
    </ul>
  );
}
