import { InMemorySpanExporter, type ReadableSpan, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-node';
import { startTracing, type Tracing } from '#domain';
import { ApiClient, until } from '#testing';
import { Installation } from './installation.js';
import { linkProfile } from './link-profile.js';

/** A trace from a request to WhatsApp's acknowledgement, through the row that lies between the processes. */
const ownNumber = '15550600001';
const friendNumber = '15550600002';
const traceId = '0af7651916cd43dd8448eb211c80319c';

let exporter: InMemorySpanExporter;
let tracing: Tracing;
let waypost: Installation;
let client: ApiClient;
let profileId: string;

beforeAll(async () => {
  exporter = new InMemorySpanExporter();
  tracing = startTracing({ samplePercent: 100 }, 'spec', new SimpleSpanProcessor(exporter));
  waypost = await Installation.start();
  waypost.simulator.person(friendNumber, { name: 'Ana' });
  ({ client } = await ApiClient.register(waypost.api.url));
  const workspaces = await client.get('/workspaces');
  const created = await client.post('/profiles', { workspaceId: workspaces.body.data[0].id, name: 'Shop' });
  profileId = created.body.data.id;
  await linkProfile(client, profileId, waypost.simulator, { number: ownNumber, name: 'Shop' });
}, 60_000);

afterAll(async () => {
  await waypost?.stop();
  await tracing?.stop();
}, 60_000);

it('is one from the caller’s own span over the message row to the acknowledgement', async () => {
  const sent = await client.post(
    '/messages/text?note=secret',
    { profileId, to: friendNumber, text: 'a traced secret', wait: 20 },
    { traceparent: `00-${traceId}-b7ad6b7169203331-01` },
  );
  expect(sent.body.data.status).toBe('sent');
  const ofTrace = () => exporter.getFinishedSpans().filter((span) => span.spanContext().traceId === traceId);
  await until(() => ofTrace().length >= 4, { what: 'the spans to end' });
  const spans = ofTrace();
  const byName = new Map(spans.map((span) => [span.name, span]));
  const chain = ['POST /api/v1/messages/text', 'message.queue', 'message.deliver', 'whatsapp.send'];
  expect([...byName.keys()].sort()).toEqual([...chain].sort());
  const parents = chain.map((name) => byName.get(name)!.parentSpanContext?.spanId);
  const ids = chain.map((name) => byName.get(name)!.spanContext().spanId);
  expect(parents).toEqual(['b7ad6b7169203331', ...ids.slice(0, -1)]);

  const { messageId, waMessageId } = sent.body.data;
  expect(byName.get('message.deliver')!.attributes).toMatchObject({ 'waypost.message.id': messageId });
  expect(byName.get('whatsapp.send')!.attributes).toEqual({
    'messaging.system': 'whatsapp',
    'messaging.message.id': waMessageId,
  });
  expect(byName.get(chain[0]!)!.attributes).toMatchObject({
    'http.route': '/api/v1/messages/text',
    'http.response.status_code': 201,
    'url.path': '/api/v1/messages/text',
  });
  expect(JSON.stringify(spans.map(shown))).not.toMatch(/secret|15550600002/);
});

it('begins here when the caller names none, and tells what failed', async () => {
  const { headers } = await client.post('/messages/text', { profileId: 'none' });
  const span = await until(() =>
    exporter.getFinishedSpans().find((one) => one.attributes['waypost.request.id'] === headers.get('x-request-id')),
  );
  expect([span.parentSpanContext, span.attributes['http.response.status_code']]).toEqual([undefined, 400]);
});

function shown({ name, attributes, status, events }: ReadableSpan) {
  return { name, attributes, status, events };
}
