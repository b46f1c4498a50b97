import { WebhookCampaign } from './webhook-campaign.js';

/** Set WEBHOOK_EVENTS, WEBHOOK_KILLS, WEBHOOK_SEED to another size. */
const setting = (name: string, usual: number) => Number(process.env[`WEBHOOK_${name}`] ?? usual);

it('tells of every event, in order and under one id, while workers, database and receivers fail', async () => {
  const events = setting('EVENTS', 1_000_000);
  const log = (line: string) => process.stdout.write(`webhooks: ${line}\n`);
  const verdict = await new WebhookCampaign({
    ...{ seed: setting('SEED', 1), events, profiles: 8, conversationsEach: 200 },
    ...{ kills: setting('KILLS', 100), gapMs: 10_000, patienceMs: 3_600_000, log },
  }).run();
  log(JSON.stringify(verdict, null, 1));

  expect(verdict).toMatchObject({
    ...{ written: events, writtenLost: 0, recordedWrong: 0, received: events },
    ...{ outOfOrder: [], doubled: [] },
  });
}, 14_400_000);
