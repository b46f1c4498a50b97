import { io, type Socket } from 'socket.io-client';
import { Webhook } from 'standardwebhooks';
import { ApiClient, until, WebhookReceiver } from '#testing';
import { Installation } from './installation.js';

/** The whole story of a newcomer, told through the edges only: HTTP, socket, webhook and the other phone. */

const ownNumber = '15550300001';
const friendNumber = '15550300002';

let waypost: Installation;
let receiver: WebhookReceiver;
let socket: Socket | undefined;

beforeAll(async () => {
  waypost = await Installation.start();
  receiver = await WebhookReceiver.start();
}, 60_000);

afterAll(async () => {
  socket?.disconnect();
  await receiver.close();
  await waypost.stop();
  waypost.simulator.assertHealthy();
}, 60_000);

it('carries a conversation from registration to the read receipt', async () => {
  const { simulator } = waypost;
  const { client: owner } = await ApiClient.register(waypost.api.url);
  const key = await owner.withKey();
  const workspaces = await key.get('/workspaces');
  const created = await key.post('/profiles', { workspaceId: workspaces.body.data[0].id, name: 'Support' });
  expect(created.status).toBe(201);
  const profileId: string = created.body.data.id;

  const webhook = await key.post('/webhooks', {
    profileId,
    url: `${receiver.url}/hook`,
    events: ['message.received', 'message.read'],
  });
  expect(webhook.status).toBe(201);
  const secret: string = webhook.body.data.secret;

  // biome-ignore lint/suspicious/noExplicitAny: payloads of every kind
  const heard: { name: string; payload: any }[] = [];
  socket = io(`${waypost.api.url}/ws`, { auth: { apiKey: apiKeyOf(key) }, transports: ['websocket'] });
  socket.onAny((name: string, payload: unknown) => heard.push({ name, payload }));
  const subscribed = await socket.timeout(10_000).emitWithAck('subscribe:profile', { profileId });
  expect(subscribed).toMatchObject({ success: true, profileId });

  // The QR code by REST and by socket are the same.
  expect((await key.post(`/profiles/${profileId}/connect`)).status).toBe(200);
  const qr = await until(async () => {
    const answer = await key.get(`/profiles/${profileId}/qr`);
    return answer.body.data.qrText ? answer.body.data : undefined;
  });
  expect(qr.qr).toMatch(/^data:image\/png;base64,/);
  const pushed = await until(() => heard.find(({ name }) => name === 'qr:update'));
  expect(pushed.payload).toMatchObject({ profileId, qrText: qr.qrText });

  await simulator.scanQr(qr.qrText, ownNumber, { name: 'Support' });
  const friend = simulator.person(friendNumber, { name: 'Ana' });
  await until(() => heard.find(({ name, payload }) => name === 'connection:status' && payload.status === 'connected'));
  const status = await key.get(`/profiles/${profileId}/status`);
  expect(status.body.data).toMatchObject({ status: 'connected', phone: ownNumber });

  // A text by API key arrives on the other phone, exactly.
  const text = 'Grüße, שלום 👋 — 1 < 2 & "quotes"';
  const sent = await key.post('/messages/text', { profileId, to: `+${friendNumber}`, text });
  expect(sent.status).toBe(201);
  expect(sent.body.data).toMatchObject({ success: true });
  const arrived = await friend.expectMessage(text);
  expect(arrived.from).toBe(ownNumber);
  expect(arrived.id).toBe(sent.body.data.waMessageId);

  // The reply is in the conversation, on the socket and at the webhook with a signature that the standard accepts.
  const replyId = await friend.reply(arrived, 'hello back');
  const [call] = await receiver.expect(1, { fits: (one) => one.body.type === 'message.received' });
  new Webhook(secret).verify(call!.rawBody, call!.headers as Record<string, string>);
  expect(call!.body.data).toMatchObject({ body: 'hello back', waMessageId: replyId, phone: friendNumber });
  const live = await until(() =>
    heard.find(({ name, payload }) => name === 'message' && payload.message.body === 'hello back'),
  );
  expect(live.payload.message).toMatchObject({ direction: 'incoming', quotedMessageId: arrived.id });
  const conversation = await key.get(`/conversations/${sent.body.data.conversationId}/messages`);
  expect(conversation.body.data.messages.map((message: { body: string }) => message.body)).toEqual([
    text,
    'hello back',
  ]);
  const inbox = await key.get(`/conversations/${sent.body.data.conversationId}`);
  expect(inbox.body.data).toMatchObject({ unreadCount: 1, contactPhone: friendNumber });

  // The read receipt comes back as a state change, everywhere.
  friend.markRead(arrived);
  await receiver.expect(1, { fits: (one) => one.body.type === 'message.read' });
  await until(() => heard.find(({ name, payload }) => name === 'message:ack' && payload.status === 'read'));
  const message = await key.get(`/messages/${sent.body.data.messageId}`);
  expect(message.body.data).toMatchObject({ status: 'read', statusReason: null });

  // Marking the conversation read shows on the friend's phone.
  await key.put(`/conversations/${sent.body.data.conversationId}/read`);
  await friend.expectReceipt(replyId, 'read');
}, 60_000);

function apiKeyOf(client: ApiClient): string {
  return (client as unknown as { credentials: Record<string, string> }).credentials['x-api-key']!;
}
