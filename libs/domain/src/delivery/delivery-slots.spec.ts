import fc from 'fast-check';
import type { WebhookId } from '#contracts';
import { DeliverySlots } from './delivery-slots.js';

const id = (name: string | number) => String(name) as WebhookId;
const roomOf = (slots: DeliverySlots, ready: WebhookId[], name: WebhookId) =>
  slots.share(ready).find(({ webhookId }) => webhookId === name)?.room ?? 0;

function begin(slots: DeliverySlots, webhookId: WebhookId, calls: number) {
  for (let call = 0; call < calls; call++) slots.begin(webhookId);
}

describe('delivery slots', () => {
  it('goes round the webhooks, so that none waits behind the backlog of another', () => {
    const slots = new DeliverySlots(5);
    expect(slots.share([id('a'), id('b'), id('c')])).toEqual([
      { webhookId: 'a', room: 2 },
      { webhookId: 'b', room: 2 },
      { webhookId: 'c', room: 1 },
    ]);
  });

  it('lets an endpoint that answers fast use more and more', () => {
    const slots = new DeliverySlots(50);
    expect(roomOf(slots, [id('a')], id('a'))).toBe(4);
    for (let call = 0; call < 100; call++) {
      slots.begin(id('a'));
      slots.end(id('a'), true, 3);
    }
    expect(roomOf(slots, [id('a')], id('a'))).toBe(50);
  });

  it('leaves one call at a time to an endpoint that fails', () => {
    const slots = new DeliverySlots(50);
    begin(slots, id('a'), 4);
    for (let call = 0; call < 4; call++) slots.end(id('a'), false, 5);
    expect(roomOf(slots, [id('a')], id('a'))).toBe(1);
  });

  it('keeps half of the slots for good endpoints, however many bad ones there are', () => {
    const slots = new DeliverySlots(50);
    const bad = Array.from({ length: 100 }, (_, n) => id(n));
    for (const webhookId of bad) {
      slots.begin(webhookId);
      slots.end(webhookId, false, 15_000);
    }
    const shares = slots.share(bad);
    expect(shares.reduce((sum, { room }) => sum + room, 0)).toBe(25);
    for (const { webhookId, room } of shares) begin(slots, webhookId, room);
    expect(roomOf(slots, [...bad, id('good')], id('good'))).toBe(4);
  });

  it('never lets more be under way than there are slots, nor loses count', () => {
    const step = fc.record({ webhook: fc.integer({ min: 0, max: 5 }), succeeded: fc.boolean(), slow: fc.boolean() });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 20 }), fc.array(step, { maxLength: 200 }), (total, steps) => {
        const slots = new DeliverySlots(total);
        const ready = Array.from({ length: 6 }, (_, n) => id(n));
        const underWay: WebhookId[] = [];
        for (const { webhook, succeeded, slow } of steps) {
          for (const { webhookId, room } of slots.share(ready)) {
            begin(slots, webhookId, room);
            underWay.push(...Array.from({ length: room }, () => webhookId));
          }
          expect(underWay.length).toBeLessThanOrEqual(total);
          const [ended] = underWay.splice(webhook % underWay.length, 1);
          slots.end(ended!, succeeded, slow ? 5000 : 5);
        }
        for (const webhookId of underWay) slots.end(webhookId, true, 5);
        expect(slots.isIdle).toBe(true);
        expect(slots.share(ready).length).toBeGreaterThan(0);
      }),
    );
  });
});
