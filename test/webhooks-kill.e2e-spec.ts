import { WebhookCampaign } from './faults/webhook-campaign.js';

/** The large campaign is `npm run test:faults`. */
it('tells of every event, in order and under one id, while workers, database and receivers fail', async () => {
  const campaign = { seed: 5, events: 3000, profiles: 2, conversationsEach: 60, kills: 4, gapMs: 1500 };
  const verdict = await new WebhookCampaign({ ...campaign, patienceMs: 240_000 }).run();

  expect(verdict).toMatchObject({
    ...{ written: 3000, writtenLost: 0, recordedWrong: 0, received: 3000 },
    ...{ outOfOrder: [], doubled: [] },
  });
}, 400_000);
