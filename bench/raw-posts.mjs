/** The ceiling of webhooks: the same signed POSTs from memory, with nothing kept. A process of its own. */
import { createHmac, randomBytes, randomUUID } from 'node:crypto';
import { Pool } from 'undici';

const [, , url, bytes, inFlight] = process.argv;
const pool = new Pool(url, { connections: Number(inFlight), pipelining: 1 });
const body = JSON.stringify({
  type: 'message.received',
  timestamp: new Date().toISOString(),
  data: 'x'.repeat(Number(bytes)),
});
const key = randomBytes(32);
const hmac = (text, encoding) => createHmac('sha256', key).update(text).digest(encoding);

async function post() {
  const id = randomUUID();
  const timestamp = String(Math.floor(Date.now() / 1000));
  const answer = await pool.request({
    method: 'POST',
    path: '/raw',
    body,
    headers: {
      'content-type': 'application/json',
      'webhook-id': id,
      'webhook-timestamp': timestamp,
      'webhook-signature': `v1,${hmac(`${id}.${timestamp}.${body}`, 'base64')}`,
      'x-multiwa-signature': `sha256=${hmac(body, 'hex')}`,
    },
  });
  await answer.body.dump();
}

process.on('message', async (count) => {
  let left = count;
  const lane = async () => {
    while (left > 0) {
      left -= 1;
      await post();
    }
  };
  await Promise.all(Array.from({ length: Number(inFlight) }, lane));
  process.send({ done: count });
});
process.once('disconnect', () => process.exit());
process.once('SIGTERM', () => process.exit());
process.send({ ready: true });
