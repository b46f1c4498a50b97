import { setTimeout as pause } from 'node:timers/promises';
import type { DemoStage } from './demo-stage.js';

const recipients = 40;
/** Pause between two messages, milliseconds: a human would not believe less, and the demo should not take long. */
const pace = { delayMin: 150, delayMax: 350, batchPause: 0 };
const answers = ['Yes please!', 'Until when are you open?', 'Do you have decaf?'];

interface Figures {
  total: number;
  sent: number;
  delivered: number;
  read: number;
  replied: number;
  excluded: number;
}

interface Broadcast {
  id: string;
  status: string;
  stats: Figures;
}

/** What the log says of a broadcast while it runs. */
interface Logged {
  name: string;
  payload: { broadcastId?: string; counts?: Figures };
}

/** A campaign with two texts: its progress comes over the socket, some customers read it, and some answer. */
export async function playBroadcast({ api, events, phones, profileId, transcript }: DemoStage): Promise<void> {
  const people = Array.from({ length: recipients }, (_, index) => `1555030${String(index).padStart(4, '0')}`);
  for (const [index, number] of people.entries()) {
    await phones.person(number, `Guest ${index + 1}`);
    await phones.behave(number, [
      { does: 'read', afterMs: 400, chance: 0.8 },
      { does: 'reply', texts: answers, afterMs: 900, chance: 0.3 },
    ]);
  }
  const broadcast = await api.post<Broadcast>('/broadcast', {
    profileId,
    name: 'New beans',
    variants: [
      { name: 'Short', share: 50, message: { type: 'text', text: 'Hi {{name}}, new beans have come in.' } },
      {
        name: 'Offer',
        share: 50,
        message: { type: 'text', text: 'Hi {{name}}, the first cup of our new beans is free.' },
      },
    ],
    recipients: {
      type: 'people',
      value: people.map((to, index) => ({ to, variables: { name: `Guest ${index + 1}` } })),
    },
    settings: pace,
  });
  transcript.done(
    `POST /broadcast made a campaign for ${recipients} people with two texts`,
    `broadcast ${broadcast.id}`,
  );

  let told: Figures | undefined;
  events.on<Logged>('event', ({ name, payload }) => {
    if (payload.broadcastId !== broadcast.id || !payload.counts) return;
    told = payload.counts;
    const { total, sent, delivered, read, replied } = told;
    transcript.progress(
      sent / total,
      `${name}: ${sent}/${total} sent, ${delivered} delivered, ${read} read, ${replied} replied`,
    );
  });
  await api.post(`/broadcast/${broadcast.id}/start`);
  const done = await ended(() => api.get<Broadcast>(`/broadcast/${broadcast.id}`));
  if (done.stats.sent !== recipients) throw new Error(`The broadcast ended with ${JSON.stringify(done.stats)}.`);
  if (!told) throw new Error('No progress of the broadcast came over the socket.');
  transcript.done(`The broadcast is ${done.status}: ${done.stats.sent} sent, and its progress came over the socket`);

  const { stats } = await answered(() => api.get<Broadcast>(`/broadcast/${broadcast.id}`));
  transcript.done(
    `${stats.read} have read it, and ${stats.replied} have answered`,
    'GET /broadcast/:id/stats has it by text and time',
  );
}

async function ended(look: () => Promise<Broadcast>): Promise<Broadcast> {
  return until(look, ({ status }) => status === 'completed', 'the broadcast to be completed');
}

/** Somebody answers with all likelihood; whoever does not is not waited for. */
async function answered(look: () => Promise<Broadcast>): Promise<Broadcast> {
  return until(look, ({ stats }) => stats.replied > 0 && stats.read > 0, 'somebody to read and to answer');
}

async function until(
  look: () => Promise<Broadcast>,
  holds: (broadcast: Broadcast) => boolean,
  what: string,
): Promise<Broadcast> {
  const deadline = performance.now() + 120_000;
  for (;;) {
    const broadcast = await look();
    if (holds(broadcast)) return broadcast;
    if (performance.now() > deadline)
      throw new Error(`Waited in vain for ${what}: ${JSON.stringify(broadcast.stats)}.`);
    await pause(250);
  }
}
