import type { LoggedEvent, WebhookId } from '#contracts';
import type { LockedStream, StandingSubscription } from '#database';
import type { Planned } from './delivery-plan.js';
import type { DirectDelivery, DirectLane } from './direct-lanes.js';
import type { StreamWindow } from './direct-window.js';

/** A stream that takes part in a turn. */
export interface TurnStream {
  window: StreamWindow;
  isHeld: boolean;
  /** How many events may be read; 0: none. */
  most: number;
}

/** A stream that is ours in this turn. */
export type OurStream = TurnStream & { locked: LockedStream };

export interface TurnWork {
  streams: TurnStream[];
  /** Succeeded, and not written down yet. */
  finished: DirectDelivery[];
  /** Lanes and webhooks for which memory is not the place any more. */
  leaves(lane: DirectLane): boolean;
  /** Nothing more is read, and what is held is given back. */
  isLast: boolean;
}

/** Somebody is to be told of an event that was read in this turn. */
export type NewDelivery = Planned<LoggedEvent, StandingSubscription>;

/** What a turn wrote down, as it is in the database once the transaction is committed. */
export interface TurnResult {
  /** Streams that are ours, with how far they were read and whether there may be more. */
  ours: (TurnStream & { readTo: number; isKept: boolean; hasMore: boolean })[];
  /** Streams that somebody else took over. */
  lost: StreamWindow[];
  subscriptions: ReadonlyMap<WebhookId, StandingSubscription>;
  /** To be told straight from memory. */
  direct: NewDelivery[];
  leaving: DirectLane[];
  /** Nobody is to be told of these any more. */
  isDropped(delivery: DirectDelivery): boolean;
  queued: WebhookId[];
}
