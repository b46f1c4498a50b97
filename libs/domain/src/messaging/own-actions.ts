import { deliveryRank, type NewEvent } from '#contracts';
import { lockActionTargets, type MovedMessage, type Tx } from '#database';
import { applyActions, type KnownAction } from './apply-actions.js';

/**
 * What actions of ours did, now that WhatsApp has them: before that nobody sees a reaction or an edit. In the transaction
 * that recorded the acknowledgement, or the receipt that proves it.
 * @returns the events of what changed
 */
export async function applyOwnActions(tx: Tx, moved: MovedMessage[]): Promise<NewEvent[]> {
  const proven = moved.filter(
    ({ action, state, previousState }) => action !== null && isProof(state) && !isProof(previousState),
  );
  if (proven.length === 0) return [];
  const targets = await lockActionTargets(
    tx,
    proven.map(({ action }) => action!.targetMessageId),
  );
  const at = new Date();
  const events: NewEvent[] = [];
  for (const profileId of new Set(proven.map((message) => message.profileId))) {
    const ofProfile = proven.filter((message) => message.profileId === profileId);
    const actions = ofProfile.flatMap(({ action, waMessageId }): KnownAction[] => {
      const target = targets.get(action!.targetMessageId);
      return target ? [{ target, byUs: true, actorPersonId: null, action: action!.does, waMessageId, at }] : [];
    });
    events.push(...(await applyActions(tx, ofProfile[0]!, actions)));
  }
  return events;
}

/** Whether a message that is there is certainly at WhatsApp. */
function isProof(state: MovedMessage['state']): boolean {
  return deliveryRank[state] >= deliveryRank.sent && deliveryRank[state] <= deliveryRank.played;
}
