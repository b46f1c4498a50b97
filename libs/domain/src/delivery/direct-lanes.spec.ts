import type { WebhookId } from '#contracts';
import { deliveryIdFor, derivedDeliveryId } from './delivery-id.js';
import { type DirectDelivery, DirectLanes } from './direct-lanes.js';
import { StreamWindow } from './direct-window.js';

const window = new StreamWindow('stream', 0);
const delivery = (webhookId: string, orderingKey: string, position: number) =>
  ({ head: { webhookId, orderingKey, position }, window, outcome: undefined }) as unknown as DirectDelivery;

describe('lanes in memory', () => {
  it('begin their deliveries one after another, webhooks and lanes taking turns', () => {
    const lanes = new DirectLanes();
    for (const position of [1, 2]) for (const key of ['x', 'y']) lanes.add(delivery('a', key, position));
    lanes.add(delivery('b', 'z', 3));
    const begun = () => lanes.next(() => true);
    const [first, other, second] = [begun()!, begun()!, begun()!];
    expect([first.key, other.key, second.key]).toEqual(['a x', 'b z', 'a y']);
    expect(begun()).toBeUndefined();
    expect(lanes.shift(first).head.position).toBe(1);
    expect(begun()!.deliveries[0]!.head.position).toBe(2);
    lanes.shift(other);
    expect(lanes.get('b z')).toBeUndefined();
  });

  it('pass over webhooks that may not begin', () => {
    const lanes = new DirectLanes();
    lanes.add(delivery('a', 'x', 1));
    lanes.add(delivery('b', 'x', 1));
    expect(lanes.next((id) => id === 'b')!.webhookId).toBe('b');
    expect(lanes.next((id) => id === 'b')).toBeUndefined();
  });

  it('drop what nobody is to be told of, but never what is under way', () => {
    const lanes = new DirectLanes();
    for (const position of [1, 2, 3]) lanes.add(delivery('a', 'x', position));
    const lane = lanes.next(() => true)!;
    expect(lanes.drop(() => true).map(({ head }) => head.position)).toEqual([2, 3]);
    expect(lanes.shift(lane).head.position).toBe(1);
    expect(lanes.isEmpty).toBe(true);
  });
});

describe('the window of a stream', () => {
  it('is done with up to before the first delivery that is not', () => {
    const of = new StreamWindow('stream', 4);
    for (const position of [5, 5, 6, 9]) of.add(position);
    expect(of.firstOpenAfter(new Map())).toBe(5);
    expect(of.firstOpenAfter(new Map([[5, 1]]))).toBe(5);
    expect(of.firstOpenAfter(new Map([[5, 2]]))).toBe(6);
    of.settle(6);
    of.settle(5);
    of.settle(5);
    expect([of.firstOpenAfter(new Map()), of.firstOpenAfter(new Map([[9, 1]])), of.size]).toEqual([9, undefined, 1]);
  });
});

describe('the id of a delivery', () => {
  const event = '0199f0a0-1234-7abc-8def-0123456789ab';
  const [one, two] = ['0199f0a0-0000-7000-8000-000000000001', '0199f0a0-0000-7000-8000-000000000002'] as WebhookId[];

  it('follows from event and webhook, and has the time of the event', () => {
    const id = derivedDeliveryId(event, one!);
    expect(id).toMatch(/^0199f0a0-1234-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(derivedDeliveryId(event, one!)).toBe(id);
    expect(derivedDeliveryId(event, two!)).not.toBe(id);
  });

  it('is new for what happened so long ago that its month may be gone', () => {
    const at = new Date(0x0199f0a01234);
    const days = (count: number) => new Date(at.getTime() + count * 24 * 3600_000);
    expect(deliveryIdFor(event, one!, days(5))).toBe(derivedDeliveryId(event, one!));
    expect(deliveryIdFor(event, one!, days(7))).not.toBe(derivedDeliveryId(event, one!));
  });
});
