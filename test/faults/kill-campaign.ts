import { setTimeout as pause } from 'node:timers/promises';
import { type Person, Simulator } from '#simulator';
import { WaypostProcesses, WebhookReceiver } from '#testing';
import { judge, Sightings, type Verdict } from './ledger.js';
import { PatientClient } from './patient-client.js';
import { linkNumber, registerOwner } from './patient-owner.js';
import { SeededRandom } from './random.js';

export interface CampaignOptions {
  seed: number;
  kills: number;
  /** Messages each way over the whole campaign. */
  messages: number;
  contacts: number;
  /** Longest wait between two kills, milliseconds. */
  gapMs: number;
  log?(line: string): void;
}

interface Sent {
  id: string;
  text: string;
  to: string;
}

interface MessageJson {
  id: string;
  direction: string;
  status: string;
  content: { text?: string };
}

const settled = new Set(['sent', 'delivered', 'read', 'played', 'failed', 'cancelled', 'expired', 'unknown']);
const ownNumber = '15550100001';

/**
 * Kills processes at seeded random moments while messages flow both ways, then lets everything come to rest and says
 * what was lost or doubled, from the records of the virtual phones, the webhook receiver and the public API.
 */
export class KillCampaign {
  private readonly random: SeededRandom;
  private readonly accepted: Sent[] = [];
  private readonly inbound: string[] = [];
  private simulator: Simulator;
  private waypost: WaypostProcesses;
  private receiver: WebhookReceiver;
  private client: PatientClient;
  private people: Person[] = [];
  private profileId = '';

  constructor(private readonly options: CampaignOptions) {
    this.random = new SeededRandom(options.seed);
  }

  async run(): Promise<Verdict> {
    this.simulator = await Simulator.start({ logLimit: 0 });
    this.receiver = await WebhookReceiver.start();
    this.waypost = await WaypostProcesses.start(this.simulator);
    try {
      await this.linkNumber();
      await this.killWhileTrafficFlows();
      return await this.judge();
    } catch (problem) {
      this.options.log?.(this.waypost.output.slice(-6000));
      throw problem;
    } finally {
      await this.waypost.stop();
      await this.receiver.close();
      await this.simulator.stop();
    }
  }

  private async linkNumber(): Promise<void> {
    const owner = await registerOwner(new PatientClient(() => this.waypost.url), 'Kill campaign');
    this.client = owner.client;
    this.profileId = await linkNumber(owner, this.simulator, { number: ownNumber, name: 'Campaign' });
    await this.client.post('/webhooks', {
      profileId: this.profileId,
      url: this.receiver.url,
      events: ['message.received'],
    });
    this.people = Array.from({ length: this.options.contacts }, (_, index) =>
      this.simulator.person(`1555020${String(index).padStart(4, '0')}`, { name: `Contact ${index}` }),
    );
  }

  private async killWhileTrafficFlows(): Promise<void> {
    const sends: Promise<void>[] = [];
    for (let round = 0; round < this.options.kills; round += 1) {
      const from = Math.floor((this.options.messages * round) / this.options.kills);
      const to = Math.floor((this.options.messages * (round + 1)) / this.options.kills);
      for (let index = from; index < to; index += 1) sends.push(this.sendOut(index), this.sendIn(index));
      await pause(this.random.between(0, this.options.gapMs));
      const victim = this.random.pick([
        ['engine', 5],
        ['postgres', 2],
        ['worker', 1],
        ['api', 1],
        ['everything', 1],
      ] as const);
      this.options.log?.(`kill ${round + 1}/${this.options.kills}: ${victim}`);
      if (victim === 'everything') {
        this.waypost.killEverything();
        await this.waypost.launch();
      } else {
        this.waypost.kill(victim);
      }
    }
    await Promise.all(sends);
  }

  private async sendOut(index: number): Promise<void> {
    const person = this.people[index % this.people.length]!;
    const text = `out ${this.options.seed} ${index}`;
    const answer = await this.client.post<{ messageId: string }>('/messages/text', {
      profileId: this.profileId,
      to: person.number,
      text,
      wait: 0,
    });
    if (answer.status >= 300) throw new Error(`send refused: ${JSON.stringify(answer)}`);
    this.accepted.push({ id: answer.data.messageId, text, to: person.number });
  }

  private async sendIn(index: number): Promise<void> {
    const text = `in ${this.options.seed} ${index}`;
    this.inbound.push(text);
    await this.people[index % this.people.length]!.sendText(ownNumber, text);
  }

  private async judge(): Promise<Verdict> {
    const unsettled = await this.awaitSettled();
    const told = await this.awaitTold();
    await this.simulator.settle({ timeoutMs: 60_000 });
    const stored = await this.readBack();
    const seen = new Sightings();
    for (const person of this.people) {
      for (const message of person.inbox()) if (message.text && !message.fromMe) seen.see(message.text, message.id);
    }
    const accepted = this.accepted.map(({ text }) => text);
    return judge({ accepted, inbound: this.inbound, phones: seen, stored, told, unsettled });
  }

  /** Waits until every accepted send is settled; returns those that are not in time. */
  private async awaitSettled(): Promise<string[]> {
    let open = this.accepted;
    const deadline = performance.now() + 120_000;
    while (open.length > 0 && performance.now() < deadline) {
      const still: Sent[] = [];
      for (const sent of open) {
        const answer = await this.client.get<MessageJson>(`/messages/${sent.id}`);
        if (!settled.has(answer.data.status)) still.push(sent);
      }
      open = still;
      if (open.length > 0) await pause(250);
    }
    return open.map((sent) => sent.text);
  }

  /** What the webhook was told, once every inbound text is there or the time is over. */
  private async awaitTold(): Promise<Sightings> {
    const deadline = performance.now() + 120_000;
    for (;;) {
      const told = new Sightings();
      for (const call of this.receiver.calls) {
        if (call.body.data.body) told.see(call.body.data.body, String(call.headers['webhook-id']));
      }
      if (this.inbound.every((text) => told.has(text)) || performance.now() > deadline) return told;
      await pause(100);
    }
  }

  /** Every inbound message as a customer reads it back over the API. */
  private async readBack(): Promise<Sightings> {
    const stored = new Sightings();
    for (let offset = 0; ; offset += 200) {
      const page = await this.client.get<MessageJson[]>(
        `/messages/profile/${this.profileId}?direction=incoming&limit=200&offset=${offset}`,
      );
      for (const message of page.data) if (message.content.text) stored.see(message.content.text, message.id);
      if (page.data.length < 200) return stored;
    }
  }
}
