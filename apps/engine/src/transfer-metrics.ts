import { Gauge, type Registry } from 'prom-client';
import type { TransferSlots } from '#engine';

/** Files under way from and to WhatsApp, and those that wait for their turn. */
export function watchTransfers(registry: Registry, slots: Record<'downloads' | 'uploads', TransferSlots>): void {
  for (const [what, ofKind] of Object.entries(slots)) {
    new Gauge({
      name: `waypost_engine_media_${what}`,
      help: `Media ${what} of this process, by whether they run or wait for their turn.`,
      labelNames: ['state'],
      registers: [registry],
      collect() {
        const { moving, waiting } = ofKind.figures;
        this.set({ state: 'moving' }, moving);
        this.set({ state: 'waiting' }, waiting);
      },
    });
  }
}
