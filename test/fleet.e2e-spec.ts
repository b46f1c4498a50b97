import { FleetCampaign } from './faults/fleet/fleet-campaign.js';

/** The large campaign is `npm run test:faults`. */
it('bears a kill, a pause beyond the lease, a rolling restart and a PostgreSQL that dies, with two hosts', async () => {
  const campaign = new FleetCampaign({
    seed: 3,
    minutes: 0.4,
    hosts: 2,
    numbers: 6,
    rate: 5,
    faults: ['a host is restarted in good order', 'kill -9 of a host', 'PostgreSQL is killed'],
  });
  const verdict = await campaign.run();

  expect(verdict).toMatchObject({
    inboundLost: [],
    inboundDuplicated: [],
    outboundLost: [],
    outboundDuplicated: [],
    unsettled: [],
    overlaps: 0,
    loggedOut: [],
    disconnected: [],
  });
  expect(verdict.accepted).toBeGreaterThan(20);
  // The bounds of the large campaign hold for a machine that does nothing else: twice as much here.
  expect(verdict.slowestRecovery).toBeLessThanOrEqual(60);
  expect(verdict.planned.p99).toBeLessThanOrEqual(3);
  expect(verdict.unplanned.p99).toBeLessThanOrEqual(30);
}, 300_000);
