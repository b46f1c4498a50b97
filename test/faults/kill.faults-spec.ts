import { KillCampaign } from './kill-campaign.js';

const campaigns = 10;

it.each(Array.from({ length: campaigns }, (_, index) => index + 1))(
  'loses nothing and doubles nothing over 50 kills, campaign %i',
  async (seed) => {
    const log = (line: string) => process.stdout.write(`campaign ${seed}: ${line}\n`);
    const verdict = await new KillCampaign({ seed, kills: 50, messages: 500, contacts: 20, gapMs: 2500, log }).run();
    log(JSON.stringify(verdict));

    expect(verdict).toMatchObject({
      accepted: 500,
      received: 500,
      inboundLost: [],
      inboundDuplicated: [],
      outboundLost: [],
      outboundDuplicated: [],
      unsettled: [],
    });
  },
  1_800_000,
);
