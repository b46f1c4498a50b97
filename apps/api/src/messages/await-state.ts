import { Injectable } from '@nestjs/common';
import { type DeliveryState, type LoggedEvent, settledStates } from '#contracts';
import { EventTail } from '../realtime/event-tail.js';

export interface Outcome {
  state: DeliveryState;
  reason: string | null;
}

/** Waits until messages, and actions on messages, are settled. */
@Injectable()
export class StateWatch {
  constructor(private readonly tail: EventTail) {}

  /**
   * How the message or action first left `queued` and `sending`, or null when the time is over before that.
   * @param afterSeq position of its `message.queued`: what happened since then is seen, however fast it was
   */
  async settled(profileId: string, messageId: string, afterSeq: number, waitMs: number): Promise<Outcome | null> {
    if (waitMs <= 0) return null;
    let see: (outcome: Outcome | null) => void;
    const seen = new Promise<Outcome | null>((resolve) => {
      see = resolve;
    });
    const timer = setTimeout(() => see(null), waitMs);
    try {
      const following = await this.tail.follow(profileId, afterSeq, (event) => {
        const outcome = outcomeIn(event, messageId);
        if (outcome) see(outcome);
      });
      try {
        return await seen;
      } finally {
        following.stop();
      }
    } finally {
      clearTimeout(timer);
    }
  }
}

function outcomeIn(event: LoggedEvent, messageId: string): Outcome | null {
  if (!('state' in event.payload) || !('messageId' in event.payload)) return null;
  const { state, reason } = event.payload;
  // An action names its message besides itself.
  const id = 'actionId' in event.payload ? event.payload.actionId : event.payload.messageId;
  return id === messageId && settledStates.includes(state) ? { state, reason } : null;
}
