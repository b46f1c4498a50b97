import { KillCampaign } from './faults/kill-campaign.js';

/** The large campaign is `npm run test:faults`. */
it('loses nothing and doubles nothing over 20 kills -9 of its processes', async () => {
  const verdict = await new KillCampaign({ seed: 7, kills: 20, messages: 200, contacts: 10, gapMs: 1500 }).run();

  expect(verdict).toMatchObject({
    accepted: 200,
    received: 200,
    inboundLost: [],
    inboundDuplicated: [],
    outboundLost: [],
    outboundDuplicated: [],
    unsettled: [],
  });
}, 400_000);
