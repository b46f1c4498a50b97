import { createServer } from 'node:http';
import { SpanKind } from '@opentelemetry/api';
import { continued, currentTraceParent, startTracing, traced } from './tracing.js';

const options = { kind: SpanKind.INTERNAL, attributes: { what: 'a spec' } };

it('is nothing without a collector, and goes to one when the settings name it', async () => {
  startTracing({ samplePercent: 100 }, 'spec');
  expect(await traced('unseen', options, async () => currentTraceParent())).toBeNull();

  const bodies: string[] = [];
  const collector = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    bodies.push(`${request.url} ${Buffer.concat(chunks).toString()}`);
    response.end('{}');
  });
  await new Promise<void>((resolve) => collector.listen(0, '127.0.0.1', resolve));
  const { port } = collector.address() as { port: number };
  const tracing = startTracing({ endpoint: `http://127.0.0.1:${port}/`, samplePercent: 100 }, 'spec');

  const parent = await traced('first', options, async () => currentTraceParent());
  expect(parent).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
  const failing = continued(parent, 'second', {}, async () => {
    throw Object.assign(new Error('to +49 151 1234567'), { code: 'not_on_whatsapp' });
  });
  await expect(failing).rejects.toThrow();
  await tracing.stop();
  expect(bodies).toEqual([expect.stringMatching(/^\/v1\/traces .*waypost-spec/s)]);
  for (const told of ['first', 'second', 'not_on_whatsapp']) expect(bodies[0]).toContain(told);
  expect(bodies[0]).not.toContain('1234567');
  collector.close();
});
