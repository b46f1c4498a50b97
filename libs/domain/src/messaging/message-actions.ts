import { type Actor, eventActor, type ProfileId } from '#contracts';
import { appendEvents, type Database } from '#database';
import type { Once } from '../platform/once.js';
import { currentTraceParent } from '../platform/tracing.js';
import type { ActionDraft } from './message-draft.js';
import { type QueuedAction, queueAction } from './queue-actions.js';

/** An accepted action, and where in the profile's log it was announced. */
export interface AcceptedAction extends QueuedAction {
  /** Position of `action.queued`: whatever happens to the action comes after it. */
  seq: number;
}

/** Accepts what is to be done to messages: reactions, edits, deletions, pins, votes, answers. */
export class MessageActions {
  constructor(
    private readonly db: Database,
    private readonly settings: { expiryMs: number },
  ) {}

  /**
   * Records the action as queued. A success means accepted: what it does is seen when WhatsApp has it, which an
   * `action.changed` event tells. A profile that is linked but offline is fine.
   * @throws errors.notFound (the profile, the message), profileNotLinked, actionNotPossible
   */
  accept(actor: Actor, profileId: ProfileId, draft: ActionDraft, once?: Once<QueuedAction>): Promise<AcceptedAction> {
    const { organizationId } = actor;
    return this.db.tenant(actor, async (tx) => {
      const by = { by: eventActor(actor), traceParent: currentTraceParent() };
      const { action, events } = await queueAction(
        tx,
        { organizationId, profileId },
        { ...draft, ...by },
        this.settings,
      );
      await once?.(tx, action);
      const [logged] = await appendEvents(tx, events);
      return { ...action, seq: logged!.seq };
    });
  }
}
