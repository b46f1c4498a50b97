import { Controller, Get, Param, Req, Res, StreamableFile } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { MediaPreparer, MediaReader } from '#domain';
import { Can, Public } from '../http/access.js';
import { Describe } from '../http/describe.js';
import { MediaConversionsOut } from './media-conversions.dto.js';
import { mediaResponse } from './media-response.js';

/** What can be made of files, and files by signed links for browsers and services that have no credentials. */
@ApiTags('Messages')
@Controller('media')
export class MediaController {
  constructor(
    private readonly media: MediaReader,
    private readonly preparer: MediaPreparer,
  ) {}

  @Get('conversions')
  @Can('messages.send')
  @Describe('Get what this installation can make of files', {
    description: 'Voice messages, GIFs, round videos and films of other formats need ffmpeg on the server.',
    returns: MediaConversionsOut,
  })
  conversions(): MediaConversionsOut {
    return this.preparer.conversions;
  }

  @Get(':token')
  @Public()
  @Describe('Download media by a signed link', {
    description:
      'The address that `GET /messages/{id}/media/link` answered, until it expires. Whole or in ranges. Pictures, films and sound are shown in a browser, everything else is offered for saving.',
    returns: 'file',
    errors: ['notFound', 'mediaNotAvailable', 'mediaInfected', 'mediaNotScanned', 'rangeNotSatisfiable'],
  })
  async file(
    @Param('token') token: string,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<StreamableFile> {
    const { expiresAt, ...media } = await this.media.linked(token);
    const file = await mediaResponse(this.media, media, request, response);
    // A shared cache must not give it out after the link has expired.
    response.set(
      'Cache-Control',
      `private, max-age=${Math.max(0, Math.floor((expiresAt.getTime() - Date.now()) / 1000))}`,
    );
    return file;
  }

  @Get(':token/thumbnail')
  @Public()
  @Describe('Get a thumbnail by a signed link', {
    description: 'A small JPEG of the picture or film behind a signed link, as long as the link works.',
    returns: 'file',
    errors: ['notFound', 'mediaNotAvailable', 'mediaInfected', 'mediaNotScanned'],
  })
  async thumbnail(@Param('token') token: string): Promise<StreamableFile> {
    const jpeg = await this.media.thumbnail(await this.media.linked(token));
    return new StreamableFile(jpeg, { type: 'image/jpeg', disposition: 'inline', length: jpeg.length });
  }
}
