import type { Change } from '../live/live.tsx';

/** What on a phone changes with these is what its chats show. */
export const concernsChats =
  (number: string) =>
  (change: Change): boolean =>
    (change.kind === 'chats' || change.kind === 'message' || change.kind === 'receipt') && change.number === number;
