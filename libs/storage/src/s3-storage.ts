import { createHash, randomUUID } from 'node:crypto';
import type { Agent as HttpAgent } from 'node:http';
import type { Agent as HttpsAgent } from 'node:https';
import { type Readable, Transform } from 'node:stream';
import {
  CopyObjectCommand,
  CreateBucketCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import {
  type ByteRange,
  type ListedMedia,
  MediaMissing,
  MediaOverLimit,
  MediaStorage,
  type MediaWrite,
  type StoredMedia,
} from './media-storage.js';

/** A bucket and how to reach it. */
export interface S3Place {
  /** Base address of the service; absent for Amazon's own in `region`. */
  endpoint?: string;
  bucket: string;
  region: string;
  /** The bucket in the path instead of the host name, as most services other than Amazon's want it. */
  forcePathStyle: boolean;
  accessKey: string;
  secretKey: string;
}

/** Keys are the SHA-256 in hex and nothing else, so a key can never name another object … */
const KEY = /^[0-9a-f]{64}$/;
/** … or a UUID, of what is kept apart. */
const APART = /^apart-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
/** Parts of an upload, bytes; two are in memory at a time. 5 MiB is the least that S3 takes. */
const partSize = 8 * 1024 * 1024;

/** Media in a bucket of S3 or a service like it: `media/ab/cd/<sha256>`, and `apart/…`. */
export class S3Storage extends MediaStorage {
  private readonly client: S3Client;

  /** @param agents sockets for the calls; they are the caller's to destroy */
  constructor(
    private readonly place: S3Place,
    agents?: { http: HttpAgent; https: HttpsAgent },
  ) {
    super();
    this.client = new S3Client({
      endpoint: place.endpoint,
      region: place.region,
      forcePathStyle: place.forcePathStyle,
      credentials: { accessKeyId: place.accessKey, secretAccessKey: place.secretKey },
      maxAttempts: 3,
      requestHandler: {
        connectionTimeout: 10_000,
        // Between two packets, not for a whole file.
        socketTimeout: 30_000,
        ...(agents && { httpAgent: agents.http, httpsAgent: agents.https }),
      },
    });
  }

  /**
   * The name is the hash, which is known at the end: the stream goes to a temporary object, which is then copied within
   * the service and removed. A process that dies in between leaves an object under `incoming/`; give the bucket a
   * lifecycle rule that removes those after a day.
   */
  override async write(stream: Readable, limits: MediaWrite): Promise<StoredMedia> {
    const temporary = `incoming/${randomUUID()}`;
    try {
      const { sha256, sizeBytes } = await this.send(temporary, stream, limits);
      // Also when it is there: the copy makes it young again, which spares it from the sweeper of unnamed files.
      await this.keep(temporary, sha256);
      return { storageKey: sha256, sizeBytes, sha256 };
    } finally {
      await this.remove(temporary).catch(() => undefined);
    }
  }

  override async writeApart(stream: Readable, limits: MediaWrite): Promise<StoredMedia> {
    const storageKey = `apart-${randomUUID()}`;
    return { storageKey, ...(await this.send(objectOf(storageKey), stream, limits)) };
  }

  /** Streams it into an object of this name. A failure leaves no object. */
  private async send(Key: string, stream: Readable, limits: MediaWrite): Promise<Omit<StoredMedia, 'storageKey'>> {
    const hash = createHash('sha256');
    let sizeBytes = 0;
    const measured = stream.pipe(
      new Transform({
        transform(chunk: Buffer, _encoding, done) {
          sizeBytes += chunk.length;
          if (sizeBytes > limits.maxBytes) return done(new MediaOverLimit(limits.maxBytes));
          hash.update(chunk);
          done(null, chunk);
        },
      }),
    );
    stream.on('error', (failure) => measured.destroy(failure));
    try {
      await new Upload({
        client: this.client,
        params: { Bucket: this.place.bucket, Key, Body: measured },
        partSize,
        queueSize: 2,
      }).done();
      return { sizeBytes, sha256: hash.digest('hex') };
    } catch (failure) {
      stream.destroy();
      throw measured.errored ?? failure;
    }
  }

  override async open(storageKey: string, range?: ByteRange): Promise<Readable> {
    const Key = objectOf(storageKey);
    const Range = range && `bytes=${range.start}-${range.end ?? ''}`;
    try {
      const { Body } = await this.client.send(new GetObjectCommand({ Bucket: this.place.bucket, Key, Range }));
      return Body as Readable;
    } catch (failure) {
      throw isMissing(failure) ? new MediaMissing(storageKey) : failure;
    }
  }

  override async delete(storageKey: string): Promise<void> {
    await this.remove(objectOf(storageKey));
  }

  override async writtenAt(storageKey: string): Promise<Date | null> {
    try {
      const Key = objectOf(storageKey);
      const { LastModified } = await this.client.send(new HeadObjectCommand({ Bucket: this.place.bucket, Key }));
      return LastModified ?? null;
    } catch (failure) {
      if (isMissing(failure)) return null;
      throw failure;
    }
  }

  override async *list(): AsyncGenerator<ListedMedia> {
    yield* this.listUnder('media/');
    yield* this.listUnder('apart/');
  }

  private async *listUnder(Prefix: string): AsyncGenerator<ListedMedia> {
    let ContinuationToken: string | undefined;
    do {
      const page = await this.client.send(
        new ListObjectsV2Command({ Bucket: this.place.bucket, Prefix, ContinuationToken }),
      );
      for (const { Key, LastModified } of page.Contents ?? []) {
        const storageKey = Key?.split('/').at(-1) ?? '';
        if ((KEY.test(storageKey) || APART.test(storageKey)) && LastModified)
          yield { storageKey, writtenAt: LastModified };
      }
      ContinuationToken = page.NextContinuationToken;
    } while (ContinuationToken !== undefined);
  }

  /**
   * Writes, reads and removes a small object.
   * @param options.createBucket makes the bucket when it is missing
   * @returns whether the bucket was missing, and whether it was made
   */
  async test(options: { createBucket?: boolean }): Promise<{ bucketMissing: boolean; bucketCreated: boolean }> {
    const { bucket: Bucket } = this.place;
    let bucketMissing = false;
    try {
      await this.client.send(new HeadBucketCommand({ Bucket }));
    } catch (failure) {
      if (!isMissing(failure)) throw failure;
      bucketMissing = true;
      if (!options.createBucket) return { bucketMissing, bucketCreated: false };
      await this.client.send(new CreateBucketCommand({ Bucket }));
    }
    const text = `waypost ${randomUUID()}`;
    const Key = `incoming/test-${randomUUID()}`;
    await new Upload({ client: this.client, params: { Bucket, Key, Body: text } }).done();
    const { Body } = await this.client.send(new GetObjectCommand({ Bucket, Key }));
    const back = await Body?.transformToString();
    await this.remove(Key);
    if (back !== text) throw new Error('The bucket did not give back what was written to it.');
    return { bucketMissing, bucketCreated: bucketMissing };
  }

  private async keep(temporary: string, sha256: string): Promise<void> {
    const { bucket: Bucket } = this.place;
    await this.client.send(
      new CopyObjectCommand({ Bucket, Key: objectOf(sha256), CopySource: `${Bucket}/${temporary}` }),
    );
  }

  private async remove(Key: string): Promise<void> {
    await this.client.send(new DeleteObjectCommand({ Bucket: this.place.bucket, Key }));
  }
}

function objectOf(storageKey: string): string {
  if (APART.test(storageKey)) return `apart/${storageKey}`;
  if (!KEY.test(storageKey)) throw new MediaMissing(storageKey);
  return `media/${storageKey.slice(0, 2)}/${storageKey.slice(2, 4)}/${storageKey}`;
}

function isMissing(failure: unknown): boolean {
  return failure instanceof S3ServiceException && failure.$metadata.httpStatusCode === 404;
}
