import fc from 'fast-check';
import type { WebhookId } from '#contracts';
import { DeliverySlots } from './delivery-slots.js';

const id = (name: string | number) => String(name) as WebhookId;
const roomOf = (slots: DeliverySlots, ready: WebhookId[], name: WebhookId) =>
  slots.share(ready, 0).find(({ webhookId }) => webhookId === name)?.room ?? 0;

function begin(slots: DeliverySlots, webhookId: WebhookId, calls: number) {
  for (let call = 0; call < calls; call++) slots.begin(webhookId, 0);
}

function end(slots: DeliverySlots, webhookId: WebhookId, succeeded: boolean, durationMs = 5, now = 0) {
  slots.note(webhookId, succeeded, durationMs, now);
  slots.end(webhookId);
}

function call(slots: DeliverySlots, webhookId: WebhookId, succeeded: boolean, durationMs = 5, now = 0) {
  slots.begin(webhookId, now);
  end(slots, webhookId, succeeded, durationMs, now);
}

describe('delivery slots', () => {
  it('goes round the webhooks, so that none waits behind the backlog of another', () => {
    const slots = new DeliverySlots(5);
    for (const name of ['a', 'b', 'c']) call(slots, id(name), true);
    expect(slots.share([id('a'), id('b'), id('c')], 0)).toEqual([
      { webhookId: 'a', room: 2 },
      { webhookId: 'b', room: 2 },
      { webhookId: 'c', room: 1 },
    ]);
  });

  it('lets an endpoint that answers fast use more and more', () => {
    const slots = new DeliverySlots(50);
    expect(roomOf(slots, [id('a')], id('a'))).toBe(4);
    for (let count = 0; count < 100; count++) call(slots, id('a'), true);
    expect(roomOf(slots, [id('a')], id('a'))).toBe(32);
  });

  it('leaves one call at a time to an endpoint that fails', () => {
    const slots = new DeliverySlots(50);
    begin(slots, id('a'), 4);
    for (let count = 0; count < 4; count++) end(slots, id('a'), false);
    expect(roomOf(slots, [id('a')], id('a'))).toBe(1);
  });

  it('lets an endpoint rest that only fails, longer and longer, until the first success', () => {
    const slots = new DeliverySlots(50);
    const mayCall = (now: number) => slots.share([id('a')], now).length > 0;
    const fail = (now: number) => call(slots, id('a'), false, 5, now);
    for (let failure = 1; failure < 5; failure++) fail(0);
    expect(mayCall(0)).toBe(true);
    fail(0);
    expect([mayCall(499), mayCall(500)]).toEqual([false, true]);
    fail(1000);
    expect([mayCall(1999), mayCall(2000)]).toEqual([false, true]);
    for (let failure = 0; failure < 30; failure++) fail(10_000);
    expect([mayCall(39_999), mayCall(40_000)]).toEqual([false, true]);
    call(slots, id('a'), true, 5, 40_000);
    expect(mayCall(40_000)).toBe(true);
  });

  it('keeps half of the slots for good endpoints, however many bad ones there are', () => {
    const slots = new DeliverySlots(50);
    const bad = Array.from({ length: 100 }, (_, n) => id(n));
    for (const webhookId of bad) call(slots, webhookId, false, 15_000);
    const shares = slots.share(bad, 0);
    expect(shares.reduce((sum, { room }) => sum + room, 0)).toBe(25);
    for (const { webhookId, room } of shares) begin(slots, webhookId, room);
    expect(roomOf(slots, [...bad, id('new')], id('new'))).toBe(4);
  });

  it('keeps a quarter for good endpoints from those of which it knows nothing, and half once their calls hang', () => {
    const slots = new DeliverySlots(40);
    call(slots, id('good'), true);
    const unknown = Array.from({ length: 30 }, (_, n) => id(n));
    const roomOfAll = (webhooks: WebhookId[], now: number) =>
      slots.share(webhooks, now).reduce((sum, { room }) => sum + room, 0);
    for (const { webhookId, room } of slots.share(unknown, 0)) begin(slots, webhookId, room);
    expect(roomOfAll(unknown, 1000)).toBe(0);
    expect(roomOf(slots, [...unknown, id('good')], id('good'))).toBe(5);
    end(slots, unknown[0]!, true);
    for (const webhookId of unknown.slice(1, 25)) slots.end(webhookId);
    // Five hang. A new one finds room beside them, they themselves get no more than half.
    expect(roomOfAll([id('new')], 2001)).toBe(4);
    expect(roomOfAll(unknown.slice(25), 2001)).toBe(15);
  });

  it('goes on with a lane only while nobody else may lack the slot', () => {
    const slots = new DeliverySlots(40);
    const isKept = () => slots.mayKeep(id('a'));
    slots.begin(id('a'), 0);
    expect(isKept()).toBe(false);
    slots.note(id('a'), true, 5, 0);
    expect(isKept()).toBe(true);
    begin(slots, id('b'), 29);
    expect(isKept()).toBe(true);
    begin(slots, id('b'), 1);
    expect(isKept()).toBe(false);
    for (let ended = 0; ended < 10; ended++) slots.end(id('b'));
    slots.note(id('a'), true, 2001, 0);
    expect(isKept()).toBe(false);
  });

  it('never lets more be under way than there are slots, nor loses count', () => {
    const step = fc.record({ webhook: fc.integer({ min: 0, max: 5 }), succeeded: fc.boolean(), slow: fc.boolean() });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 20 }), fc.array(step, { maxLength: 200 }), (total, steps) => {
        const slots = new DeliverySlots(total);
        const ready = Array.from({ length: 6 }, (_, n) => id(n));
        const underWay: WebhookId[] = [];
        let now = 0;
        for (const { webhook, succeeded, slow } of steps) {
          now += 60_000;
          for (const { webhookId, room } of slots.share(ready, now)) {
            begin(slots, webhookId, room);
            underWay.push(...Array.from({ length: room }, () => webhookId));
          }
          expect(underWay.length).toBeLessThanOrEqual(total);
          const [ended] = underWay.splice(webhook % underWay.length, 1);
          end(slots, ended!, succeeded, slow ? 5000 : 5, now);
        }
        for (const webhookId of underWay) end(slots, webhookId, true, 5, now);
        expect(slots.isIdle).toBe(true);
        expect(slots.share(ready, now).length).toBeGreaterThan(0);
      }),
    );
  });
});
