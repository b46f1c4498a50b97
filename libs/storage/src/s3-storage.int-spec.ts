import { mkdtemp, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import S3rver from 's3rver';
import { itKeepsMedia } from './media-storage.conformance.js';
import { type S3Place, S3Storage } from './s3-storage.js';

describe('S3Storage', () => {
  let directory: string;
  let server: S3rver;
  let place: S3Place;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'waypost-s3-'));
    server = new S3rver({
      port: 0,
      address: '127.0.0.1',
      silent: true,
      directory,
      configureBuckets: [{ name: 'media', configs: [] }],
    });
    const { port } = (await server.run()) as AddressInfo;
    place = {
      endpoint: `http://127.0.0.1:${port}`,
      bucket: 'media',
      region: 'us-east-1',
      forcePathStyle: true,
      accessKey: 'S3RVER',
      secretKey: 'S3RVER',
    };
  });
  afterAll(async () => {
    await server.close();
    await rm(directory, { recursive: true, force: true });
  });

  itKeepsMedia(async () => new S3Storage(place));

  it('tells a missing bucket from a bucket that works, and makes one when asked', async () => {
    const storage = new S3Storage({ ...place, bucket: 'elsewhere' });
    expect(await storage.test({})).toEqual({ bucketMissing: true, bucketCreated: false });
    expect(await storage.test({ createBucket: true })).toEqual({ bucketMissing: true, bucketCreated: true });
    expect(await storage.test({})).toEqual({ bucketMissing: false, bucketCreated: false });
  });

  it('fails with a key that the service does not know', async () => {
    await expect(new S3Storage({ ...place, accessKey: 'nobody' }).test({})).rejects.toThrow();
  });
});
