import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsInt, IsOptional, Max, Min } from 'class-validator';
import { linkSeconds } from '#domain';

export class MediaLinkQuery {
  @ApiPropertyOptional({
    description: 'How long the link works, seconds.',
    minimum: linkSeconds.least,
    maximum: linkSeconds.most,
    default: linkSeconds.default,
    example: 3600,
  })
  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(linkSeconds.least)
  @Max(linkSeconds.most)
  expiresIn?: number;
}

export class MediaLinkOut {
  @ApiProperty({
    description: 'Needs no credentials: whoever has it can fetch the file until it expires.',
    example:
      'https://waypost.example.com/api/v1/media/0198c2f3-5e6f-7a1b-9c2d-3e4f5a6b7c8d.1790000000000.q5mZ0lqk1n9o2Zb0Vd3l8cX9yQ4rS7tUvWxYz012345',
  })
  url: string;

  @ApiProperty({ description: 'ISO 8601.', example: '2026-11-21T18:00:00.000Z' })
  expiresAt: string;
}
