import { MessageSquareDashed, MessageSquarePlus } from 'lucide-react';
import { useState } from 'react';
import { paths } from '../api/phones.ts';
import type { ChatSummary, Person } from '../api/types.ts';
import { useTyping } from '../live/live.tsx';
import { useResource } from '../live/resource.ts';
import { go } from '../live/route.ts';
import { Button } from '../ui/button.tsx';
import { Empty, Show } from '../ui/states.tsx';
import { ChatList } from './chat-list.tsx';
import { concernsChats } from './concerns.ts';
import { Conversation } from './conversation.tsx';
import { NewChatDialog } from './new-chat-dialog.tsx';

/** The list of chats and the open one beside it. */
export function ChatsTab({ person, people, chat }: { person: Person; people: Person[]; chat?: string }) {
  const [starting, setStarting] = useState(false);
  const chats = useResource<ChatSummary[]>(paths.chats(person.number), concernsChats(person.number));
  const typing = useTyping(person.number);
  const open = (id: string): void => go({ screen: 'phone', number: person.number, tab: 'chats', chat: id });

  return (
    <div className="flex min-h-0 flex-1">
      <section
        aria-label="Chats"
        className={`${chat ? 'hidden md:flex' : 'flex'} w-full flex-col border-r md:w-72 xl:w-80`}
      >
        <div className="min-h-0 flex-1 overflow-y-auto">
          <Show resource={chats} what="chats">
            {(list) =>
              list.length === 0 ? (
                <Empty icon={<MessageSquareDashed aria-hidden />} title="No chats yet">
                  <p>What {person.name} gets and writes appears here, decrypted by the phone itself.</p>
                </Empty>
              ) : (
                <ChatList person={person} chats={list} typing={typing} chosen={chat} />
              )
            }
          </Show>
        </div>
        <div className="border-t p-3">
          <Button
            className="w-full"
            icon={<MessageSquarePlus className="size-4" aria-hidden />}
            onClick={() => setStarting(true)}
          >
            New chat
          </Button>
        </div>
      </section>
      <section aria-label="Conversation" className={`${chat ? 'flex' : 'hidden md:flex'} min-w-0 flex-1 flex-col`}>
        {chat ? (
          <Conversation key={chat} person={person} people={people} chat={chat} typing={typing} />
        ) : (
          <div className="grid flex-1 place-items-center">
            <p className="px-6 text-center text-sm text-soft">Choose a chat, or begin one.</p>
          </div>
        )}
      </section>
      <NewChatDialog person={person} people={people} open={starting} onOpenChange={setStarting} onChoose={open} />
    </div>
  );
}
