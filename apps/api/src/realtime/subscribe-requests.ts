import { type ConversationId, errors, type ProfileId } from '#contracts';
import type { RoomAsked } from './rooms.js';

/** Requests of clients, read: whatever they sent. */
export interface Asked {
  room: RoomAsked;
  after: number | undefined;
  raw: boolean;
}

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** What each message asks for, by the last part of its name. */
const rooms = {
  profile: (request: Record<string, unknown>): RoomAsked => ({
    kind: 'profile',
    id: idIn(request, 'profileId') as ProfileId,
  }),
  conversation: (request: Record<string, unknown>): RoomAsked => ({
    kind: 'conversation',
    id: idIn(request, 'conversationId') as ConversationId,
  }),
  organization: (): RoomAsked => ({ kind: 'organization' }),
  user: (): RoomAsked => ({ kind: 'user' }),
};

/** @throws validation */
export function askedFor(kind: keyof typeof rooms, given: unknown): Asked {
  const request = typeof given === 'object' && given !== null ? (given as Record<string, unknown>) : {};
  const { after, raw } = request;
  const room = rooms[kind](request);
  if (after !== undefined && !(Number.isSafeInteger(after) && (after as number) >= 0)) {
    throw invalid('after', 'must be a position of the log, 0 or more');
  }
  if (raw !== undefined && typeof raw !== 'boolean') throw invalid('raw', 'must be true or false');
  // What belongs to no profile has no other form.
  const isRaw = raw === true || kind === 'organization' || kind === 'user';
  return { room, after: after as number | undefined, raw: isRaw };
}

function idIn(request: Record<string, unknown>, name: string): string {
  const id = request[name];
  if (typeof id === 'string' && uuid.test(id)) return id.toLowerCase();
  throw invalid(name, 'must be a UUID');
}

function invalid(path: string, message: string) {
  return errors.validation({ fields: [{ path, message }] });
}
