import { setTimeout as pause } from 'node:timers/promises';
import type { DemoStage } from './demo-stage.js';
import type { VirtualPhones } from './virtual-phones.js';

const recipients = 200;
const firstNames = ['Ana', 'Bilal', 'Chen', 'Dora', 'Emre', 'Farah', 'Goran', 'Hana', 'Ivo', 'Jun'];
const drinks = ['espresso', 'cortado', 'flat white', 'filter', 'cold brew', 'mocha', 'latte'];

interface Batch {
  batchId: string;
  status: string;
  progress: { total: number; sent: number; failed: number; pending: number; cancelled: number };
}

interface Customer {
  number: string;
  name: string;
  drink: string;
  /** Newest message in the inbox before the batch. */
  lastIndex: number;
}

/** Sends one template to many people with their own words in it, and asks each phone what it decrypted. */
export async function playBulk(stage: DemoStage): Promise<void> {
  const { api, events, phones, profileId, transcript } = stage;
  const customers = await prepareCustomers(phones);
  transcript.done(`${recipients} virtual customers have their phones on; they read what they get after a moment`);

  const order = Date.now() % 100_000;
  let readReceipts = 0;
  events.on<{ status: string }>('message:ack', ({ status }) => {
    if (status === 'read') readReceipts += 1;
  });
  const started = performance.now();
  const { batchId } = await api.post<{ batchId: string }>('/bulk/send', {
    profileId,
    messages: customers.map((customer, index) => ({
      chatId: `${customer.number}@s.whatsapp.net`,
      type: 'text',
      content: { text: 'Hello {name}, your {drink} (order {order}) is ready.' },
      variables: { name: customer.name, drink: customer.drink, order: String(order + index) },
    })),
    options: { delayBetweenMessages: 0, randomizeDelay: false },
  });
  transcript.done(`POST /bulk/send accepted ${recipients} messages`, `batch ${batchId}`);

  const batch = await follow(stage, batchId, () => readReceipts);
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  if (batch.progress.sent !== recipients) {
    throw new Error(`The batch ended with ${JSON.stringify(batch.progress)} instead of ${recipients} sent.`);
  }
  transcript.done(
    `The batch is ${batch.status}: ${batch.progress.sent} sent, ${batch.progress.failed} failed, ${seconds} s`,
  );

  await Promise.all(
    customers.map(({ number, name, drink, lastIndex }, index) =>
      phones.expectText(number, `Hello ${name}, your ${drink} (order ${order + index}) is ready.`, lastIndex),
    ),
  );
  let repeats = 0;
  for (const { number, lastIndex } of customers) repeats += (await phones.inbox(number, lastIndex)).length - 1;
  if (repeats !== 0) throw new Error(`${repeats} phones got more than one message of the batch.`);
  transcript.done(`All ${recipients} phones decrypted exactly their own text, once`);

  await until(() => readReceipts >= recipients, `${recipients} read receipts`);
  transcript.done(`${readReceipts} read receipts came back over the socket`);
}

async function prepareCustomers(phones: VirtualPhones): Promise<Customer[]> {
  const customers: Customer[] = [];
  for (let index = 0; index < recipients; index += 1) {
    const number = `1555020${String(index).padStart(4, '0')}`;
    const name = `${firstNames[index % firstNames.length]} ${index + 1}`;
    const { lastIndex } = await phones.person(number, name);
    await phones.readByThemselves(number, 500);
    customers.push({ number, name, drink: drinks[index % drinks.length]!, lastIndex });
  }
  return customers;
}

/** Shows the progress of the batch as the API tells it, until it has ended. */
async function follow(stage: DemoStage, batchId: string, readReceipts: () => number): Promise<Batch> {
  const { api, profileId, transcript } = stage;
  const deadline = performance.now() + 180_000;
  for (;;) {
    const batch = await api.get<Batch>(`/bulk/batch/${batchId}?profileId=${profileId}`);
    const { total, sent, failed, cancelled } = batch.progress;
    const ended = sent + failed + cancelled;
    transcript.progress(ended / total, `${sent}/${total} sent, ${failed} failed, ${readReceipts()} read`);
    if (ended === total && batch.status !== 'processing' && batch.status !== 'queued') return batch;
    if (performance.now() > deadline) throw new Error(`The batch did not end in time: ${JSON.stringify(batch)}`);
    await pause(250);
  }
}

async function until(holds: () => boolean, what: string): Promise<void> {
  const deadline = performance.now() + 60_000;
  while (!holds()) {
    if (performance.now() > deadline) throw new Error(`Waited in vain for ${what}.`);
    await pause(50);
  }
}
