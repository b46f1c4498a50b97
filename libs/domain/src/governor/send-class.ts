import type { Lane } from '#database';

export type { Lane };

/**
 * How a conversation stands with us, by when its other party wrote: `service` within the service window, `known` before
 * that, `new` never. Groups and channels are `known` at worst: one is a member. The index is the column's value.
 */
export const standings = ['service', 'known', 'new'] as const;
export type Standing = (typeof standings)[number];

export const lanes = ['interactive', 'campaign'] as const satisfies Lane[];

/** What the rules tell sends apart by. */
export interface SendClass {
  lane: Lane;
  standing: Standing;
}

export const sendClasses: readonly SendClass[] = lanes.flatMap((lane) =>
  standings.map((standing) => ({ lane, standing })),
);

/** Outside the service window: nobody waits for this message. */
export function isUnsolicited({ standing }: SendClass): boolean {
  return standing !== 'service';
}
