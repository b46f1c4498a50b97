import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsBoolean, IsIn, IsObject, IsString, Matches, MaxLength, ValidateIf, ValidateNested } from 'class-validator';
import type { StorageDraft, StorageTest, StorageView } from '#domain';
import { IfGiven } from '../http/if-given.js';
import { MASK, unmasked } from './mask.js';
import { SettingTestOut } from './smtp.dto.js';

/** Fields that only a bucket has; the others are checked whatever the type. */
const ForS3 = () => ValidateIf((given: StorageIn, value) => given.type === 's3' || value !== undefined);

export class StorageIn {
  @ApiProperty({
    description:
      '`s3`: a bucket. `local`: without a bucket of its own, which for an organization means where the installation keeps media, and for the installation the disk.',
    enum: ['local', 's3'],
    example: 's3',
  })
  @IsIn(['local', 's3'])
  type: 'local' | 's3';

  @ApiPropertyOptional({
    description: "Base address of the service. Left out: Amazon's own in the region.",
    maxLength: 2048,
    example: 'https://s3.example.com',
  })
  @IfGiven()
  @IsString()
  @MaxLength(2048)
  s3Endpoint?: string;

  @ApiPropertyOptional({ description: 'Name of the bucket; needed for `s3`.', maxLength: 63, example: 'waypost-media' })
  @ForS3()
  @Matches(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, { message: 'must be the name of a bucket' })
  s3Bucket?: string;

  @ApiPropertyOptional({ description: 'Region.', maxLength: 64, default: 'us-east-1', example: 'eu-central-1' })
  @IfGiven()
  @Matches(/^[a-zA-Z0-9-]{1,64}$/, { message: 'must be the name of a region' })
  s3Region?: string;

  @ApiPropertyOptional({
    description: `Access key. Left out, or \`${MASK}\`: the stored one stays, as long as endpoint, bucket and region stay.`,
    maxLength: 256,
    example: 'AKIAEXAMPLE',
  })
  @IfGiven()
  @IsString()
  @MaxLength(256)
  s3AccessKey?: string;

  @ApiPropertyOptional({ description: 'Secret key; like the access key.', maxLength: 256, example: 'a-secret' })
  @IfGiven()
  @IsString()
  @MaxLength(256)
  s3SecretKey?: string;

  @ApiPropertyOptional({
    description: 'The bucket in the path instead of the host name, as most services other than Amazon want it.',
    default: false,
    example: true,
  })
  @IfGiven()
  @IsBoolean()
  s3ForcePathStyle?: boolean;
}

export class TestStorageIn {
  @ApiPropertyOptional({ description: 'What to test. Left out: what is in force.', type: StorageIn })
  @IfGiven()
  @IsObject({ message: 'must be an object' })
  @ValidateNested()
  @Type(() => StorageIn)
  candidate?: StorageIn;
}

export class TestStorageQuery {
  @ApiPropertyOptional({
    description: '`true` makes the bucket when it is missing.',
    enum: ['true', 'false'],
    default: 'false',
    example: 'false',
  })
  @IfGiven()
  @IsIn(['true', 'false'])
  createBucket?: 'true' | 'false';
}

export class StorageOut {
  @ApiProperty({
    description:
      'Where it was set: `organization`, `installation` (by its administrators) or `environment` (the folder DATA_DIR).',
    enum: ['organization', 'installation', 'environment'],
    example: 'organization',
  })
  source: StorageView['source'];

  @ApiProperty({ description: 'Where new media go.', enum: ['local', 's3'], example: 's3' })
  type: 'local' | 's3';

  @ApiProperty({ description: 'Base address.', type: String, nullable: true, example: 'https://s3.example.com' })
  s3Endpoint: string | null;

  @ApiProperty({ description: 'Bucket.', type: String, nullable: true, example: 'waypost-media' })
  s3Bucket: string | null;

  @ApiProperty({ description: 'Region.', type: String, nullable: true, example: 'eu-central-1' })
  s3Region: string | null;

  @ApiProperty({ description: `\`${MASK}\` when it is set.`, type: String, nullable: true, example: MASK })
  s3AccessKey: string | null;

  @ApiProperty({ description: `\`${MASK}\` when it is set.`, type: String, nullable: true, example: MASK })
  s3SecretKey: string | null;

  @ApiProperty({ description: 'The bucket is in the path.', type: Boolean, nullable: true, example: true })
  s3ForcePathStyle: boolean | null;
}

export class StorageTestOut extends SettingTestOut {
  @ApiProperty({ description: 'The bucket was not there when the test began.', example: false })
  bucketMissing: boolean;

  @ApiProperty({ description: 'The test made it.', example: false })
  bucketCreated: boolean;
}

/** The bucket that a request describes, or null when it wants none. */
export function storageDraft(given: StorageIn): StorageDraft | null {
  if (given.type === 'local') return null;
  return {
    endpoint: given.s3Endpoint || undefined,
    bucket: given.s3Bucket!,
    region: given.s3Region ?? 'us-east-1',
    forcePathStyle: given.s3ForcePathStyle ?? false,
    accessKey: unmasked(given.s3AccessKey),
    secretKey: unmasked(given.s3SecretKey),
  };
}

export function presentStorage({ source, type, server, hasKeys }: StorageView): StorageOut {
  const mask = hasKeys ? MASK : null;
  return {
    source,
    type,
    s3Endpoint: server?.endpoint ?? null,
    s3Bucket: server?.bucket ?? null,
    s3Region: server?.region ?? null,
    s3AccessKey: mask,
    s3SecretKey: mask,
    s3ForcePathStyle: server?.forcePathStyle ?? null,
  };
}

export function presentStorageTest({ problem, ...facts }: StorageTest): StorageTestOut {
  if (problem !== undefined) return { success: false, message: problem, ...facts };
  if (facts.bucketMissing && !facts.bucketCreated) {
    return {
      success: false,
      message: 'The bucket does not exist. Repeat with createBucket=true to make it.',
      ...facts,
    };
  }
  return { success: true, message: 'It works: an object was written, read and removed.', ...facts };
}
