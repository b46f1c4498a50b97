/** The life of an outgoing message. It only moves forward; the rank decides. */
export const deliveryStates = [
  'queued',
  'sending',
  'sent',
  'delivered',
  'read',
  'played',
  'failed',
  'cancelled',
  'expired',
  'unknown',
] as const;
export type DeliveryState = (typeof deliveryStates)[number];

/**
 * Rank of each state; a change is applied only when the rank rises. `unknown` ranks below `sent`, so that a late
 * receipt, which is proof, can still resolve it; the other endings are final.
 */
export const deliveryRank: Record<DeliveryState, number> = {
  queued: 0,
  sending: 1,
  unknown: 2,
  sent: 3,
  delivered: 4,
  read: 5,
  played: 6,
  failed: 9,
  cancelled: 9,
  expired: 9,
};

/** States that an accepted send may end in. After them only receipts move it on. */
export const settledStates: readonly DeliveryState[] = [
  'sent',
  'delivered',
  'read',
  'played',
  'failed',
  'cancelled',
  'expired',
  'unknown',
];
