import { FleetCampaign } from './faults/fleet/fleet-campaign.js';

/** The large campaign is `npm run test:faults`. */
it('bears a kill, a restart in good order and a PostgreSQL that dies, with two hosts', async () => {
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
  // How long each took is for the large campaign to judge, on a machine that does nothing else.
  expect(Object.values(verdict.faults).reduce((sum, count) => sum + count, 0)).toBeGreaterThan(0);
}, 300_000);
