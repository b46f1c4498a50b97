import type { MessageAction } from '#contracts';
import type { Person } from '#simulator';
import type { SeenMessage } from '../content.conformance.js';
import type { SendableContent } from '../content.js';

/** How a simulated person says and does what the conformance suite asks for. */

export async function says(person: Person, to: string, content: SendableContent): Promise<string> {
  switch (content.kind) {
    case 'text':
      return person.sendText(to, content.text);
    case 'location':
      return person.cards.location(to, content);
    case 'contacts':
      return person.send(to, {
        contactMessage: { displayName: content.contacts[0]!.name, vcard: content.contacts[0]!.vcard },
      });
    case 'poll':
      return person.messages.poll(to, content);
    case 'event':
      return person.messages.event(to, { name: content.name, startsAt: Date.parse(content.startsAt) });
    default:
      throw new Error(`nobody here says ${content.kind}`);
  }
}

export async function does(
  person: Person,
  chat: string,
  action: MessageAction,
  { id, isOwn }: { id: string; isOwn: boolean },
): Promise<void> {
  const target = { chat, id, from: isOwn ? person.number : chat };
  switch (action.kind) {
    case 'reaction':
      return void (await person.sendReaction(target, action.emoji ?? ''));
    case 'edit':
      return void (await person.messages.edit(chat, id, action.text));
    case 'revoke':
      return void (await person.messages.revoke(target));
    case 'pin':
      return void (await person.messages.pin(target, action.seconds ?? 0));
    case 'poll_vote':
      return void (await person.messages.vote(target, action.options));
    default:
      throw new Error(`nobody here does ${action.kind}`);
  }
}

export function sees(person: Person, chat: string, { id, isOwn }: { id: string; isOwn: boolean }): SeenMessage | null {
  const shown = person.chats.message(chat, id, isOwn ? person.number : chat);
  if (!shown) return null;
  const { kind, text, reactions, revoked, poll } = shown;
  return {
    kind,
    text,
    reactions: reactions.map(({ emoji }) => emoji),
    isRevoked: revoked !== undefined,
    isPinned: person.chats.open(chat)!.pinned.includes(id),
    votes: (poll?.options ?? []).filter(({ voters }) => voters.includes(chat)).map(({ name }) => name),
  };
}
