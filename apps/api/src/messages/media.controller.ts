import { Controller, Get, Param, Req, Res, type StreamableFile } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { MediaReader } from '#domain';
import { Public } from '../http/access.js';
import { Describe } from '../http/describe.js';
import { mediaResponse } from './media-response.js';

/** Files by signed links: for browsers and services that have no credentials. */
@ApiTags('Messages')
@Controller('media')
export class MediaController {
  constructor(private readonly media: MediaReader) {}

  @Get(':token')
  @Public()
  @Describe('Download media by a signed link', {
    description:
      'The address that `GET /messages/{id}/media/link` answered, until it expires. Whole or in ranges. Pictures, films and sound are shown in a browser, everything else is offered for saving.',
    returns: 'file',
    errors: ['notFound', 'mediaNotAvailable', 'rangeNotSatisfiable'],
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
}
