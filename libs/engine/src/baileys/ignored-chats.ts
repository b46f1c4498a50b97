import { parseChatJid } from '../chat-address.js';
import type { Listening } from '../listening.js';

/**
 * Which chats a connection does not listen to. The library refuses their stanzas with an acknowledgement of its own
 * (`shouldIgnoreJid`), before anything is decrypted: they do not come again.
 */
export function ignoredChats({
  groups,
  newsletters,
  status,
  broadcasts,
}: Listening): (jid: string | undefined) => boolean {
  const ignored = { user: false, group: groups === false, newsletter: newsletters === false } as const;
  const lists = { broadcast: broadcasts === false, status: status === false } as const;
  const byKind = { ...ignored, ...lists };
  return (jid) => {
    const chat = parseChatJid(jid);
    return chat !== null && byKind[chat.kind];
  };
}
