import { ArrowLeft, Eye, EyeOff, UsersRound } from 'lucide-react';
import { useEffect, useState } from 'react';
import { Refusal } from '../api/http.ts';
import { paths, readChat } from '../api/phones.ts';
import type { Chat, ChatMessage, Person, Typing } from '../api/types.ts';
import { useResource } from '../live/resource.ts';
import { hrefOf } from '../live/route.ts';
import { Avatar } from '../ui/avatar.tsx';
import { IconButton } from '../ui/button.tsx';
import { phoneNumber, plural } from '../ui/format.ts';
import { Failed, Loading } from '../ui/states.tsx';
import { Composer } from './composer.tsx';
import { concernsChats } from './concerns.ts';
import { GroupDialog } from './group-dialog.tsx';
import { MessageList } from './message-list.tsx';

interface ConversationProps {
  person: Person;
  people: Person[];
  chat: string;
  typing: Map<string, Typing['state']>;
}

const STEP = 60;
const READING = 'simulator.reading';

/** One chat, as its owner sees it and writes in it. */
export function Conversation({ person, people, chat: id, typing }: ConversationProps) {
  const [limit, setLimit] = useState(STEP);
  const [reply, setReply] = useState<ChatMessage>();
  const [editing, setEditing] = useState<ChatMessage>();
  const [reading, setReading] = useState(() => localStorage.getItem(READING) !== 'off');
  const resource = useResource<Chat>(paths.chat(person.number, id, limit), concernsChats(person.number));
  const [managing, setManaging] = useState(false);
  const [known, setKnown] = useState<Chat>();
  const isNew = resource.error instanceof Refusal && resource.error.status === 404;
  // Earlier messages are asked for under another address; meanwhile the ones that are known stay.
  useEffect(() => {
    if (resource.data) setKnown(resource.data);
  }, [resource.data]);
  const chat = resource.data ?? known ?? (isNew ? emptyChat(id, people) : undefined);
  const unread = chat?.unread ?? 0;

  useEffect(() => {
    if (reading && unread > 0 && person.isOnline) readChat(person.number, id).catch(() => undefined);
  }, [reading, unread, person.number, person.isOnline, id]);

  const toggleReading = (): void => {
    localStorage.setItem(READING, reading ? 'off' : 'on');
    setReading(!reading);
  };

  if (!chat)
    return resource.error ? <Failed error={resource.error} onRetry={resource.reload} /> : <Loading what="the chat" />;
  const state = typing.get(id);
  return (
    <>
      <header className="flex items-center gap-3 border-b bg-card px-3 py-2 sm:px-4">
        <a
          href={hrefOf({ screen: 'phone', number: person.number, tab: 'chats' })}
          aria-label="All chats"
          className="grid size-10 place-items-center rounded-xl text-soft hover:bg-wash md:hidden"
        >
          <ArrowLeft className="size-5" aria-hidden />
        </a>
        <Avatar name={chat.title} id={chat.id} round />
        <div className="min-w-0 flex-1">
          <h3 className="truncate text-sm font-semibold">{chat.title}</h3>
          <p className={`truncate text-xs ${state ? 'text-plum' : 'text-soft'}`} aria-live="polite">
            {state ? (state === 'recording' ? 'is recording…' : 'is typing…') : subtitle(chat, person)}
          </p>
        </div>
        {!reading && unread > 0 && (
          <button
            type="button"
            className="text-sm font-medium text-plum underline"
            onClick={() => void readChat(person.number, id).catch(() => undefined)}
          >
            Read {plural(unread, 'message')}
          </button>
        )}
        {chat.kind === 'group' && !chat.readOnly && (
          <IconButton label="Members" onClick={() => setManaging(true)}>
            <UsersRound aria-hidden />
          </IconButton>
        )}
        <IconButton
          label={
            reading ? 'Messages are read when they are shown. Stop that' : 'Messages stay unread. Read what is shown'
          }
          aria-pressed={reading}
          onClick={toggleReading}
        >
          {reading ? <Eye aria-hidden /> : <EyeOff aria-hidden />}
        </IconButton>
      </header>
      {chat.kind === 'group' && (
        <GroupDialog person={person} people={people} group={chat.id} open={managing} onOpenChange={setManaging} />
      )}
      <MessageList
        person={person}
        people={people}
        chat={chat}
        full={chat.messages.length < limit}
        onEarlier={() => setLimit(limit + STEP)}
        onReply={setReply}
        onEdit={setEditing}
      />
      {chat.readOnly ? (
        <p className="border-t bg-sunk p-4 text-center text-sm text-soft">{person.name} can no longer write here.</p>
      ) : (
        <Composer
          person={person}
          chat={chat}
          reply={reply}
          editing={editing}
          onDone={() => {
            setReply(undefined);
            setEditing(undefined);
          }}
        />
      )}
    </>
  );
}

function subtitle({ kind, id }: Chat, person: Person): string {
  if (kind === 'group') return 'Group';
  if (kind === 'newsletter') return 'Channel';
  if (kind === 'status') return `What ${person.name} and others post for a day`;
  return phoneNumber(id);
}

/** A chat in which nothing was written yet is no chat for the phone. */
function emptyChat(id: string, people: Person[]): Chat {
  const title = people.find(({ number }) => number === id)?.name ?? phoneNumber(id);
  return {
    id,
    kind: id.includes('@') ? 'group' : 'direct',
    title,
    unread: 0,
    pinned: [],
    readOnly: false,
    messages: [],
  };
}
