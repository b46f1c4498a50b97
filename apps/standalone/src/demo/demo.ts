import { setTimeout as pause } from 'node:timers/promises';
import { ApiClient } from './api-client.js';
import { playBroadcast } from './broadcast-act.js';
import { playBulk } from './bulk-act.js';
import { type DemoAccount, openDemoAccount } from './demo-account.js';
import type { DemoStage } from './demo-stage.js';
import { LiveEvents } from './live-events.js';
import { Transcript } from './transcript.js';
import { VirtualPhones } from './virtual-phones.js';

export interface DemoOptions {
  url: string;
  /** Of the simulated network. */
  controlUrl: string;
  dataDir: string;
  out: NodeJS.WriteStream;
}

interface Profile {
  id: string;
  name: string;
  status: string;
  phoneNumber: string | null;
}

const shop = '15550100001';
const customer = { number: '15550100002', name: 'Mira' };

/**
 * Plays a first day with Waypost: a number is linked, messages go both ways, a batch and a campaign go out. Everything is done over
 * the public API, Socket.IO and the virtual phones, and each line is printed after it was seen to have happened.
 * @throws at the first step that did not happen
 */
export async function playDemo({ url, controlUrl, dataDir, out }: DemoOptions): Promise<void> {
  const transcript = new Transcript(out);
  const phones = new VirtualPhones(controlUrl);
  transcript.title('Demo: a coffee roaster and its customers, on a simulated WhatsApp');

  const account = await openDemoAccount(new ApiClient(url), dataDir);
  const api = new ApiClient(url, { 'x-api-key': account.apiKey });
  transcript.done(
    account.isNew
      ? 'POST /auth/register made an organization, POST /api-keys a key'
      : 'Logged in to the organization of the last run',
    account.email,
  );

  const profile = await openProfile(api);
  transcript.done(`Profile "${profile.name}"`, profile.id);
  const events = await LiveEvents.subscribe(url, account.apiKey, profile.id);
  try {
    transcript.done('Socket.IO is subscribed to the profile');
    await link({ api, events, phones, transcript }, profile);
    await converse({ api, events, phones, transcript }, profile);
    await playBulk({ api, events, phones, transcript, profileId: profile.id });
    await playBroadcast({ api, events, phones, transcript, profileId: profile.id });
  } finally {
    events.close();
  }
  transcript.line(closing(url, controlUrl, account, profile));
}

type Stage = Omit<DemoStage, 'profileId'>;

async function openProfile(api: ApiClient): Promise<Profile> {
  const name = 'Coffee shop';
  const existing = (await api.get<Profile[]>('/profiles')).find((profile) => profile.name === name);
  if (existing) return existing;
  const [workspace] = await api.get<{ id: string }[]>('/workspaces');
  return api.post<Profile>('/profiles', { workspaceId: workspace!.id, name });
}

async function link(stage: Stage, profile: Profile): Promise<void> {
  if (profile.phoneNumber === null) await linkByScan(stage, profile);
  else await comeBack(stage, profile);
}

async function linkByScan({ api, events, phones, transcript }: Stage, profile: Profile): Promise<void> {
  await phones.person(shop, 'Coffee shop');
  const shown = events.next<{ qrText: string }>('qr:update', () => true);
  await api.post(`/profiles/${profile.id}/connect`);
  const { qrText } = await shown;
  transcript.done('POST /profiles/:id/connect, and the QR code came over the socket', `${qrText.slice(0, 60)}…`);
  const connected = events.next<Profile>('connection:status', (change) => change.status === 'connected');
  const { device } = await phones.scan(shop, qrText);
  transcript.done('The phone of the shop scanned it', `+${shop} lists Waypost as its device ${device}`);
  const { phoneNumber } = await connected;
  transcript.done('connection:status says connected', `phone number ${phoneNumber}`);
}

async function comeBack({ api, transcript }: Stage, profile: Profile): Promise<void> {
  await api.post(`/profiles/${profile.id}/connect`);
  const deadline = performance.now() + 30_000;
  for (;;) {
    const { status } = await api.get<Profile>(`/profiles/${profile.id}/status`);
    if (status === 'connected') break;
    if (performance.now() > deadline) throw new Error(`The profile did not connect within 30 s: it is ${status}.`);
    await pause(100);
  }
  transcript.done(
    'Linked in the last run, and connected again without a new scan',
    `phone number ${profile.phoneNumber}`,
  );
}

async function converse({ api, events, phones, transcript }: Stage, profile: Profile): Promise<void> {
  const { lastIndex } = await phones.person(customer.number, customer.name);
  const text = `Hello ${customer.name}, your order of ${new Date().toISOString().slice(11, 19)} is packed.`;
  const sent = await api.post<{ messageId: string; status: string }>('/messages/text', {
    profileId: profile.id,
    to: customer.number,
    text,
  });
  transcript.done(`POST /messages/text answered ${sent.status}`, `message ${sent.messageId}`);

  const decrypted = await phones.expectText(customer.number, text, lastIndex);
  transcript.done(`${customer.name}'s phone decrypted it`, `"${decrypted.text}"`);

  const read = events.next<{ status: string; messageId: string }>(
    'message:ack',
    (ack) => ack.messageId === sent.messageId && ack.status === 'read',
  );
  await phones.read(customer.number, decrypted);
  await read;
  transcript.done(`${customer.name} read it: message:ack says read`);

  const reply = `Thank you! Is ${Math.floor(Math.random() * 50) + 10} minutes from now fine?`;
  const heard = events.next<{ message: { conversationId: string; body: string | null } }>(
    'message',
    ({ message }) => message.body === reply,
  );
  await phones.send(customer.number, shop, reply);
  const { message } = await heard;
  transcript.done(`${customer.name} answered, seen on the socket`, `"${message.body}"`);
  const { messages } = await api.get<{ messages: { body: string | null }[] }>(
    `/conversations/${message.conversationId}/messages`,
  );
  if (!messages.some(({ body }) => body === reply)) throw new Error('The reply is not in the conversation.');
  transcript.done('The answer is in GET /conversations/:id/messages', `conversation ${message.conversationId}`);
}

function closing(url: string, controlUrl: string, account: DemoAccount, profile: Profile): string {
  return `
The server keeps running; look around:

  Reference   ${url}/api/docs   (Authorize with the API key)
  E-mail      ${account.email}
  Password    ${account.password}
  API key     ${account.apiKey}
  Profile     ${profile.id}   (+${shop}, in the sandbox)
  Phones      ${controlUrl}   in a browser: every virtual phone, to read and to write

Send one yourself:

  curl -s ${url}/api/v1/messages/text -H 'content-type: application/json' \\
    -H 'x-api-key: ${account.apiKey}' \\
    -d '{"profileId":"${profile.id}","to":"${customer.number}","text":"Hello from curl"}'

See what ${customer.name}'s phone got, and answer from it:

  curl -s ${controlUrl}/people/${customer.number}/inbox
  curl -s ${controlUrl}/people/${customer.number}/messages -H 'content-type: application/json' \\
    -d '{"to":"${shop}","text":"Hello from ${customer.name}"}'

Ctrl-C stops everything.
`;
}
