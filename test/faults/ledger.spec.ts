import { SocketLedger } from './fleet/socket-ledger.js';
import { judge, Sightings } from './ledger.js';

/** A campaign is worth what its checker sees: each fault is planted once. */
describe('the ledger of a campaign', () => {
  const sightings = (...seen: [text: string, id: string][]) => {
    const made = new Sightings();
    for (const [text, id] of seen) made.see(text, id);
    return made;
  };
  const good = () => ({
    accepted: ['out 1', 'out 2'],
    inbound: ['in 1', 'in 2'],
    phones: sightings(['out 1', 'A'], ['out 2', 'B']),
    stored: sightings(['in 1', 'X'], ['in 2', 'Y']),
    told: sightings(['in 1', 'W1'], ['in 2', 'W2']),
    unsettled: [],
  });

  it('finds nothing where nothing is wrong, and counts harmless repeats', () => {
    const world = good();
    world.phones.see('out 1', 'A');
    expect(judge(world)).toEqual({
      accepted: 2,
      received: 2,
      inboundLost: [],
      inboundDuplicated: [],
      outboundLost: [],
      outboundDuplicated: [],
      unsettled: [],
      harmlessRepeats: { phones: 1, webhook: 0 },
    });
  });

  it('finds a message that did not reach the phone, and one that reached it under two ids', () => {
    const world = { ...good(), phones: sightings(['out 1', 'A'], ['out 1', 'C']) };
    expect(judge(world)).toMatchObject({ outboundLost: ['out 2'], outboundDuplicated: ['out 1'] });
  });

  it('finds a message that was not stored or not told, and one that was stored or told twice', () => {
    expect(judge({ ...good(), stored: sightings(['in 1', 'X']) }).inboundLost).toEqual(['in 2']);
    expect(judge({ ...good(), told: sightings(['in 2', 'W2']) }).inboundLost).toEqual(['in 1']);
    const twice = sightings(['in 1', 'X'], ['in 1', 'Z'], ['in 2', 'Y']);
    expect(judge({ ...good(), stored: twice }).inboundDuplicated).toEqual(['in 1']);
    expect(judge({ ...good(), told: twice }).inboundDuplicated).toEqual(['in 1']);
  });

  it('finds two owners of a number at once, unless the first one was in trouble', () => {
    let now = 0;
    const troubled = new Set<string>();
    const ledger = new SocketLedger(
      (port) => `host ${port}`,
      (owner) => troubled.has(owner),
      () => now,
    );
    const session = (what: 'opened' | 'closed', port: number, number = '1') => {
      now += 100;
      ledger.take({ kind: 'session', number, device: 1, what, port });
    };
    session('opened', 1);
    session('closed', 1);
    session('opened', 2);
    expect(ledger.overlaps).toEqual([]);
    expect(ledger.gap('1', 'host 1', 0)).toMatchObject({ closedAt: 200, openedAt: 300, to: 'host 2' });
    session('opened', 3);
    expect(ledger.overlaps).toEqual([{ number: '1', at: 400, held: 'host 2', taken: 'host 3' }]);
    troubled.add('host 3');
    session('opened', 1);
    expect(ledger.overlaps).toHaveLength(1);
    expect(ledger.owner('1')).toBe('host 1');
    expect(ledger.busiestSecond()).toBe(4);
    ledger.allClosed();
    expect(ledger.connected(['1'])).toEqual([]);
  });
});
