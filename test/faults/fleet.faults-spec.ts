import { FleetCampaign } from './fleet/fleet-campaign.js';

/** Set FLEET_MINUTES, FLEET_HOSTS, FLEET_NUMBERS, FLEET_RATE, FLEET_SEED to another size. */
const setting = (name: string, usual: number) => Number(process.env[`FLEET_${name}`] ?? usual);

it('loses nothing, doubles nothing and logs nobody out while hosts, networks and databases fail', async () => {
  const log = (line: string) => process.stdout.write(`fleet: ${line}\n`);
  const campaign = new FleetCampaign({
    seed: setting('SEED', 1),
    minutes: setting('MINUTES', 15),
    hosts: setting('HOSTS', 4),
    numbers: setting('NUMBERS', 100),
    rate: setting('RATE', 10),
    log,
  });
  const verdict = await campaign.run();
  log(JSON.stringify(verdict, null, 1));

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
  expect(verdict.slowestRecovery).toBeLessThanOrEqual(30);
  expect(verdict.planned.p99).toBeLessThanOrEqual(1.5);
  expect(verdict.unplanned.p99).toBeLessThanOrEqual(15);
}, 3_600_000);
