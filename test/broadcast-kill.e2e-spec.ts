import { BroadcastCampaign } from './faults/broadcast-campaign.js';

/** The large campaign is `npm run test:faults`. */
it('a broadcast reaches everybody once, and its figures are true, whatever dies meanwhile', async () => {
  const verdict = await new BroadcastCampaign({
    ...{ seed: 5, recipients: 120, numbers: 3, kills: 5, databaseKills: 1 },
    ...{ gapMs: 1_500, delayMs: 150, withinMs: 120_000 },
  }).run();

  expect(verdict).toMatchObject({
    twice: [],
    lost: [],
    ghosts: [],
    unsettled: [],
    arrivedWhilePaused: 0,
    wrongFigures: [],
  });
  expect(verdict.reached).toBeGreaterThan(80);
}, 300_000);
