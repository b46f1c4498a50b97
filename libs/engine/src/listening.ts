/**
 * What a connection takes in; all of it when nothing is said. What is left out is confirmed to WhatsApp, so that it does
 * not come again, and is gone: it is neither decrypted nor stored.
 */
export interface Listening {
  groups?: boolean;
  newsletters?: boolean;
  /** Statuses of others. */
  status?: boolean;
  /** What came through somebody's broadcast list. */
  broadcasts?: boolean;
  /** Messages sent from the phone and other devices of this account. They are decrypted, as they also carry keys. */
  ownMessages?: boolean;
  /** False: messages with media come without the way to their files. */
  media?: boolean;
}

/**
 * How much of the phone's history is taken in after linking: names, addresses and the state of chats alone; also their
 * messages of the last months; also older ones, as far as the phone gives them (about a year). Asked for at linking; a
 * later change to more has no effect on what the phone has sent.
 */
export type HistoryWish = 'none' | 'recent' | 'full';
