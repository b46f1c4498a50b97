import { BroadcastCampaign } from './broadcast-campaign.js';

/** Set BROADCAST_RECIPIENTS, BROADCAST_NUMBERS, BROADCAST_KILLS, BROADCAST_SEED to another size. */
const setting = (name: string, usual: number) => Number(process.env[`BROADCAST_${name}`] ?? usual);

it('a broadcast to many reaches everybody once, and its figures are true, whatever dies meanwhile', async () => {
  const log = (line: string) => process.stdout.write(`broadcast: ${line}\n`);
  const recipients = setting('RECIPIENTS', 10_000);
  const verdict = await new BroadcastCampaign({
    seed: setting('SEED', 1),
    recipients,
    numbers: setting('NUMBERS', 4),
    kills: setting('KILLS', 30),
    databaseKills: 2,
    gapMs: 10_000,
    delayMs: 10,
    withinMs: 3_000_000,
    log,
  }).run();
  log(JSON.stringify(verdict, null, 1));

  expect(verdict).toMatchObject({
    twice: [],
    lost: [],
    ghosts: [],
    unsettled: [],
    arrivedWhilePaused: 0,
    wrongFigures: [],
  });
  expect(verdict.reached).toBeGreaterThan(recipients / 2);
}, 3_600_000);
