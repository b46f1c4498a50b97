import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { ArrayUnique, IsArray, IsIn, IsInt, Max, Min } from 'class-validator';
import type { MediaKind } from '#contracts';
import { LARGEST_FILE_BYTES, type MediaPolicy, type MediaPolicyView, mediaKinds } from '#domain';
import { IfGiven } from '../http/if-given.js';

const ways = ['on_arrival', 'on_demand'] as const;

export class MediaPolicyIn {
  @ApiPropertyOptional({
    description: '`on_arrival`: files are fetched with their messages. `on_demand`: when somebody asks for one.',
    enum: ways,
    example: 'on_arrival',
  })
  @IfGiven()
  @IsIn(ways)
  download?: MediaPolicy['download'];

  @ApiPropertyOptional({
    description: 'Larger files are fetched when somebody asks for one. Bytes.',
    minimum: 0,
    maximum: LARGEST_FILE_BYTES,
    example: 104857600,
  })
  @IfGiven()
  @IsInt()
  @Min(0)
  @Max(LARGEST_FILE_BYTES)
  maxBytes?: number;

  @ApiPropertyOptional({
    description: 'The kinds that are fetched on arrival; of others when somebody asks for one.',
    enum: mediaKinds,
    isArray: true,
    example: ['image', 'audio'],
  })
  @IfGiven()
  @IsArray()
  @ArrayUnique()
  @IsIn([...mediaKinds], { each: true })
  kinds?: MediaKind[];
}

export class MediaPolicyOut {
  @ApiProperty({
    description: 'Where this was set.',
    enum: ['profile', 'organization', 'installation', 'default'],
    example: 'default',
  })
  source: MediaPolicyView['source'];

  @ApiProperty({ description: 'When received files are fetched from WhatsApp.', enum: ways, example: 'on_arrival' })
  download: MediaPolicy['download'];

  @ApiProperty({ description: 'Larger files wait until somebody asks for one. Bytes.', example: 104857600 })
  maxBytes: number;

  @ApiProperty({
    description: 'Kinds that are fetched on arrival.',
    enum: mediaKinds,
    isArray: true,
    example: ['image', 'video', 'audio', 'document', 'sticker'],
  })
  kinds: MediaKind[];
}

export function presentMediaPolicy({ source, download, maxBytes, kinds }: MediaPolicyView): MediaPolicyOut {
  return { source, download, maxBytes, kinds };
}
