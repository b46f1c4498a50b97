import {
  type Actor,
  type ConversationId,
  errors,
  holdsEverywhere,
  type LoggedEvent,
  narrowTo,
  type ProfileId,
  type RoomKind,
} from '#contracts';
import type { Conversations, OutOfReach, ProfileLinker } from '#domain';

/** What can be followed over a socket: a part of one stream of the event log. */
export interface Room {
  kind: RoomKind;
  id: string;
  /** Whose events it is made of. */
  streamId: string;
  /** The profile that it is, or in which it lies. */
  profileId: ProfileId | null;
  has(event: LoggedEvent): boolean;
}

/** Which room somebody asks for. */
export type RoomAsked =
  | { kind: 'profile'; id: ProfileId }
  | { kind: 'conversation'; id: ConversationId }
  | { kind: 'organization' }
  | { kind: 'user' };

/** Opens rooms to those who may follow them. Asked again whenever rights may have changed. */
export class Rooms {
  constructor(
    private readonly tools: { profiles: ProfileLinker; conversations: Conversations; outOfReach: OutOfReach },
  ) {}

  /** @throws notFound, or forbidden when the actor sees what it is but may not follow it */
  async open(actor: Actor, asked: RoomAsked): Promise<Room> {
    switch (asked.kind) {
      case 'profile':
        return this.profile(actor, asked.id);
      case 'conversation':
        return this.conversation(actor, asked.id);
      case 'organization':
        return organizationRoom(actor);
      case 'user':
        return userRoom(actor);
    }
  }

  private async profile(actor: Actor, id: ProfileId): Promise<Room> {
    const reader = readerOf(actor);
    try {
      await this.tools.profiles.recorded(reader, id);
    } catch (error) {
      throw await this.tools.outOfReach.explain(error, reader, () => [id]);
    }
    return { kind: 'profile', id, streamId: id, profileId: id, has: () => true };
  }

  private async conversation(actor: Actor, id: ConversationId): Promise<Room> {
    const reader = readerOf(actor);
    try {
      const { profileId } = await this.tools.conversations.get(reader, id);
      const has = (event: LoggedEvent) => event.conversationId === id || isMerged(event, id);
      return { kind: 'conversation', id, streamId: profileId, profileId: profileId as ProfileId, has };
    } catch (error) {
      throw await this.tools.outOfReach.explain(error, reader, () => [id]);
    }
  }
}

/** Whether the conversation went up in another one: it tells of nothing more. */
export function isMerged(event: LoggedEvent, conversationId: string): boolean {
  return event.name === 'conversation.merged' && event.payload.mergedConversationId === conversationId;
}

/** @throws forbidden */
function readerOf(actor: Actor): Actor {
  if (!actor.permissions.has('events.read')) throw lacksRead('You lack the permission events.read.');
  return narrowTo(actor, 'events.read');
}

function organizationRoom(actor: Actor): Room {
  readerOf(actor);
  if (!holdsEverywhere(actor, 'events.read')) {
    throw lacksRead('Your permission is limited to some profiles. Follow those.');
  }
  const { organizationId: id } = actor;
  return { kind: 'organization', id, streamId: id, profileId: null, has: () => true };
}

/** What happens to a login is for who logged in, not for a program that has a key. */
function userRoom({ credential, userId: id, organizationId }: Actor): Room {
  if (credential.kind !== 'session') throw errors.forbidden({ message: 'An API key cannot do this. Log in.' });
  const has = ({ payload }: LoggedEvent) =>
    ['userId', 'fromUserId', 'toUserId'].some((name) => (payload as Record<string, unknown>)[name] === id);
  return { kind: 'user', id, streamId: organizationId, profileId: null, has };
}

function lacksRead(message: string) {
  return errors.forbidden({ message, details: { permission: 'events.read' } });
}
