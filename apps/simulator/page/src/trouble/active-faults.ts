import type { FaultState } from '../api/types.ts';
import { plural } from '../ui/format.ts';

/** The faults that last, each as a sentence. */
export function activeFaults(state: FaultState | undefined): string[] {
  if (!state) return [];
  const { dropAcks, ackDelayMs, nack, loginFailure, queryRefusal, loseReceipts, omitOfflineMarkers, corruptMessages } =
    state;
  const lines: [boolean, string][] = [
    [dropAcks > 0, `${plural(dropAcks, 'acknowledgement')} will be swallowed.`],
    [ackDelayMs > 0, `Acknowledgements come ${ackDelayMs / 1_000} s late.`],
    [nack.count > 0, `${plural(nack.count, 'message')} will be refused with ${nack.code}.`],
    [loginFailure.count > 0, `${plural(loginFailure.count, 'login')} will fail with ${loginFailure.code}.`],
    [queryRefusal.count > 0, `${plural(queryRefusal.count, 'question')} will be refused with ${queryRefusal.code}.`],
    [loseReceipts > 0, `${plural(loseReceipts, 'receipt')} will be forgotten.`],
    [omitOfflineMarkers > 0, `${plural(omitOfflineMarkers, 'login')} will end without the offline marker.`],
    [corruptMessages > 0, `${plural(corruptMessages, 'message')} will arrive damaged.`],
    [state.disturbances > 0, `${plural(state.disturbances, 'disturbance')} of stanzas.`],
    [state.restricted, 'The number is restricted.'],
  ];
  return lines.filter(([active]) => active).map(([, line]) => line);
}
