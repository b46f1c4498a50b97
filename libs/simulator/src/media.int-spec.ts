import { createHash, randomBytes } from 'node:crypto';
import { Agent as HttpsAgent, request } from 'node:https';
import { downloadMediaMessage, type WAMessage } from '@whiskeysockets/baileys';
import { Agent } from 'undici';
import { TestBench, type TestClient } from './test-client.js';

const OWNER = '6281200000001';
const FRIEND = '6281300000002';

interface Answer {
  status: number;
  body: Buffer;
}

describe('media', () => {
  const bench = new TestBench();
  let agent: HttpsAgent;
  let dispatcher: Agent;
  let gateway: TestClient;

  beforeAll(async () => {
    await bench.start();
    const ca = bench.simulator.caPem;
    agent = new HttpsAgent({ ca });
    dispatcher = new Agent({ connect: { ca } });
    gateway = await bench.linked(OWNER, { fetchAgent: agent });
  });

  afterAll(async () => {
    agent.destroy();
    await bench.stop();
    await dispatcher.destroy();
  });

  const download = (message: WAMessage): Promise<Buffer> =>
    downloadMediaMessage(message, 'buffer', { options: { dispatcher } as unknown as RequestInit });

  function ask(path: string, options: { method?: string; headers?: object; body?: Buffer } = {}): Promise<Answer> {
    const { method = 'GET', headers = {}, body } = options;
    return new Promise((resolve, reject) => {
      const url = new URL(path, bench.simulator.mediaUrl);
      const asked = request(url, { method, headers: { ...headers }, agent }, (response) => {
        const parts: Buffer[] = [];
        response.on('data', (part: Buffer) => parts.push(part));
        response.on('end', () => resolve({ status: response.statusCode ?? 0, body: Buffer.concat(parts) }));
      });
      asked.on('error', reject);
      asked.end(body);
    });
  }

  it.each([
    ['image', { mimetype: 'image/png', caption: 'a picture' }],
    ['video', { mimetype: 'video/mp4', caption: 'a film' }],
    ['audio', { mimetype: 'audio/ogg; codecs=opus', ptt: true }],
    ['document', { mimetype: 'application/pdf', fileName: 'paper.pdf' }],
  ] as const)('carries %s both ways, byte for byte', async (kind, options) => {
    const friend = bench.simulator.person(FRIEND);
    const file = randomBytes(200_003);
    await friend.sendMedia(OWNER, kind, file, options);
    const { message } = await gateway.expectMessage((one) => Boolean(one.message?.[`${kind}Message`]));
    expect(message.message?.[`${kind}Message`]).toMatchObject(options);
    expect((await download(message)).equals(file)).toBe(true);

    const other = randomBytes(300_001);
    const media =
      kind === 'document' ? { document: other, ...options } : { [kind]: other, jpegThumbnail: 'AA==', ...options };
    await gateway.socket.sendMessage(`${FRIEND}@s.whatsapp.net`, media as never);
    const received = await friend.expectMessage({ kind, fromMe: false });
    expect(received.content.media?.mimetype).toBe(options.mimetype);
    expect((await received.downloadMedia()).equals(other)).toBe(true);
    await bench.simulator.settle();
    bench.simulator.assertHealthy();
  });

  it('serves ranges and says when a file is not there', async () => {
    const friend = bench.simulator.person(FRIEND);
    await friend.sendDocument(OWNER, randomBytes(1_000), { fileName: 'ranges' });
    const { message } = await gateway.expectMessage((one) => one.message?.documentMessage?.fileName === 'ranges');
    const path = message.message?.documentMessage?.directPath ?? '';
    const whole = await ask(path);
    expect(whole.status).toBe(200);
    const part = await ask(path, { headers: { range: 'bytes=16-31' } });
    expect(part.status).toBe(206);
    expect(part.body.equals(whole.body.subarray(16, 32))).toBe(true);
    expect((await ask(path, { headers: { range: 'bytes=99999-' } })).status).toBe(416);
    expect((await ask('/v/image/nothing')).status).toBe(404);
  });

  it('takes encrypted files only, under their hash and with the token', async () => {
    const post = (body: Buffer, name: string, auth: string) =>
      ask(`/mms/image/${name}?auth=${auth}`, { method: 'POST', body });
    const hashOf = (body: Buffer): string => createHash('sha256').update(body).digest('base64url');
    const plain = Buffer.from('not encrypted at all');
    const sealed = randomBytes(42);
    const auth = bench.simulator.mediaAuth;
    expect((await post(sealed, hashOf(sealed), 'guess')).status).toBe(401);
    expect((await post(plain, hashOf(plain), auth)).status).toBe(400);
    expect((await post(sealed, hashOf(plain), auth)).status).toBe(400);
    expect((await post(sealed, hashOf(sealed), auth)).status).toBe(200);
    expect(bench.simulator.problems.map(({ kind }) => kind)).toEqual(Array(3).fill('bad-upload'));
  });

  it('is trusted only by those who know its authority', async () => {
    await expect(fetch(bench.simulator.mediaUrl)).rejects.toThrow('fetch failed');
  });
});
