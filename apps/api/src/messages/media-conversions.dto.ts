import { ApiProperty } from '@nestjs/swagger';
import type { MediaConversions } from '#domain';

class FfmpegOut {
  @ApiProperty({ description: 'What the program says of itself.', example: '5.1.9-0+deb12u1' })
  version: string;

  @ApiProperty({ description: 'Where it was found.', enum: ['FFMPEG_PATH', 'PATH', 'package'], example: 'PATH' })
  from: 'FFMPEG_PATH' | 'PATH' | 'package';
}

/** What this installation can make of files. */
export class MediaConversionsOut implements MediaConversions {
  @ApiProperty({
    description: 'The program that works on films and sound; null without one.',
    type: FfmpegOut,
    nullable: true,
  })
  ffmpeg: FfmpegOut | null;

  @ApiProperty({
    description: 'Voice messages are made from any audio. False: only OGG with Opus is taken, as it is, without bars.',
    example: true,
  })
  voice: boolean;

  @ApiProperty({ description: 'GIFs and animated WebP are made films that play by themselves.', example: true })
  gif: boolean;

  @ApiProperty({ description: 'Round videos are cut from films.', example: true })
  roundVideo: boolean;

  @ApiProperty({
    description: 'Films that phones do not play are converted, and all get a preview, their size and their length.',
    example: true,
  })
  video: boolean;

  @ApiProperty({ description: 'Stickers are made of any picture, moving ones too.', example: true })
  sticker: boolean;
}
