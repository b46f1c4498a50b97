import { Controller, Delete, Get, Patch, Post, Query, Req, Res, StreamableFile } from '@nestjs/common';
import { ApiBody, ApiConsumes, ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { type Config, publicUrlOf } from '#config';
import { type Actor, errors, type UploadId } from '#contracts';
import { Allowances, MediaLinks, MediaReader, ResumableUploads, Uploads } from '#domain';
import { Can } from '../http/access.js';
import { type Answer, answer, type Page } from '../http/answer.js';
import { InjectConfig } from '../http/config.js';
import { CurrentActor } from '../http/current-actor.js';
import { Describe } from '../http/describe.js';
import { IdParam } from '../http/id-param.js';
import { decodeIdCursor, toPage } from '../http/page.js';
import { mediaResponse } from '../messages/media-response.js';
import { multipartFile } from './multipart-file.js';
import {
  assertOffsetType,
  assertTus,
  bytesIn,
  checksumIn,
  metadataIn,
  OFFSET_TYPE,
  setUploadHeaders,
  speaksTus,
} from './tus.js';
import {
  DeletedUploadOut,
  presentUpload,
  presentUsage,
  UploadAsQuery,
  UploadMediaIn,
  UploadOut,
  UploadsQuery,
  UploadUsageOut,
} from './uploads.dto.js';

/** Files for messages: in one request, or in parts by the tus protocol, where an upload is its own address. */
@ApiTags('Uploads')
@Controller('uploads')
export class UploadsController {
  private readonly origin: string;

  constructor(
    private readonly uploads: Uploads,
    private readonly resumable: ResumableUploads,
    private readonly allowances: Allowances,
    private readonly links: MediaLinks,
    private readonly media: MediaReader,
    @InjectConfig() config: Config,
  ) {
    this.origin = publicUrlOf(config);
  }

  @Post('media')
  @Can('uploads.write')
  @ApiConsumes('multipart/form-data')
  @ApiBody({ type: UploadMediaIn })
  @Describe('Upload media for use in messages', {
    description:
      'multipart/form-data with the file in the field `file`. Its content decides what it is, and its name is corrected to fit; programs are refused. Name the upload in a send by `uploadId`, or its address by `url`. Where files are scanned, the answer waits up to ten seconds for that.',
    returns: UploadOut,
    errors: ['multipartInvalid', 'unsupportedMediaType', 'mediaTypeInvalid', 'mediaTooLarge', 'quotaExceeded'],
  })
  async takeMedia(
    @CurrentActor() actor: Actor,
    @Query() { as }: UploadAsQuery,
    @Req() request: Request,
  ): Promise<UploadOut> {
    if (!request.is('multipart/form-data')) {
      request.resume();
      throw errors.unsupportedMediaType({ message: 'Send the file as multipart/form-data.' });
    }
    const form = await multipartFile(request);
    return this.present(await this.uploads.take(actor, { ...form, asDocument: as === 'document' }));
  }

  @Post()
  @Can('uploads.write')
  @Describe('Begin a resumable upload', {
    description:
      'The tus protocol 1.0: `Tus-Resumable: 1.0.0`, `Upload-Length`, and in `Upload-Metadata` `filename` and `as` (`document`). The answer names the upload in `Location`; the bytes go there by PATCH, the first ones also with this request.',
    returns: UploadOut,
    errors: [
      'tusVersionUnsupported',
      'validation',
      'mediaTypeInvalid',
      'mediaTooLarge',
      'quotaExceeded',
      'uploadChecksumMismatch',
      'uploadOffsetConflict',
    ],
  })
  async create(
    @CurrentActor() actor: Actor,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<UploadOut> {
    assertTus(request, response);
    const metadata = metadataIn(request);
    const created = await this.resumable.create(actor, {
      sizeBytes: bytesIn(request, 'upload-length'),
      fileName: metadata.get('filename') ?? metadata.get('name'),
      asDocument: metadata.get('as') === 'document',
    });
    // Relative to what was asked: behind a proxy that is the address that works.
    response.set('Location', `${request.originalUrl.split('?')[0]!.replace(/\/$/, '')}/${created.id}`);
    if (request.headers['content-type'] === OFFSET_TYPE) {
      await this.resumable.add(actor, created.id, { stream: request, from: 0, checksum: checksumIn(request) });
    }
    const upload = await this.uploads.get(actor, created.id);
    setUploadHeaders(response, upload);
    return this.present(upload);
  }

  @Get()
  @Can('uploads.read')
  @Describe('List uploads', {
    description: 'Newest first. Who holds the permission for some workspaces or profiles only sees the own ones.',
    returns: [UploadOut],
    page: true,
  })
  async list(@CurrentActor() actor: Actor, @Query() query: UploadsQuery): Promise<Page<UploadOut>> {
    const { limit, cursor, kind, state } = query;
    const before = decodeIdCursor<UploadId>(cursor);
    const rows = await this.uploads.list(actor, { kind, state, before, limit: limit + 1 });
    return toPage(
      rows,
      limit,
      (row) => [row.id],
      (row) => this.present(row),
    );
  }

  @Get('usage')
  @Can('uploads.read')
  @Describe('Get how much room media take', {
    description: 'What the organization keeps and may keep. Files of received messages count, and are never refused.',
    returns: UploadUsageOut,
  })
  async usage(@CurrentActor() actor: Actor): Promise<UploadUsageOut> {
    return presentUsage(await this.allowances.view(actor));
  }

  @Get(':id')
  @Can('uploads.read')
  @Describe('Get an upload', {
    description:
      'One upload by its id. `HEAD` answers with the headers of the tus protocol alone: `Upload-Offset` says where to go on.',
    returns: UploadOut,
    errors: ['notFound'],
  })
  async get(
    @CurrentActor() actor: Actor,
    @IdParam() id: UploadId,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<UploadOut> {
    const upload = await this.uploads.get(actor, id);
    if (speaksTus(request)) assertTus(request, response);
    setUploadHeaders(response, upload);
    return this.present(upload);
  }

  @Patch(':id')
  @Can('uploads.write')
  @Describe('Add bytes to an upload', {
    description:
      'The tus protocol 1.0: `Tus-Resumable: 1.0.0`, `Content-Type: application/offset+octet-stream`, and `Upload-Offset` as the upload stands. What came of a request that breaks off is kept, up to the last bytes; with `Upload-Checksum` all or nothing is. Requests may go to any process.',
    returns: null,
    status: 204,
    errors: [
      'notFound',
      'tusVersionUnsupported',
      'validation',
      'unsupportedMediaType',
      'uploadOffsetConflict',
      'uploadChecksumMismatch',
    ],
  })
  async add(
    @CurrentActor() actor: Actor,
    @IdParam() id: UploadId,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<void> {
    // What is not there is not there, whatever is wrong besides.
    await this.uploads.get(actor, id);
    assertTus(request, response);
    assertOffsetType(request);
    const addition = { stream: request, from: bytesIn(request, 'upload-offset'), checksum: checksumIn(request) };
    const offset = await this.resumable.add(actor, id, addition);
    setUploadHeaders(response, await this.uploads.get(actor, id), offset);
  }

  @Delete(':id')
  @Can('uploads.write')
  @Describe('Delete an upload', {
    description:
      'Also one that is under way. Messages that were made of it keep its file. With `Tus-Resumable` the answer is 204 without a body, as that protocol wants it.',
    returns: DeletedUploadOut,
    errors: ['notFound'],
  })
  async delete(
    @CurrentActor() actor: Actor,
    @IdParam() id: UploadId,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<DeletedUploadOut | Answer<null>> {
    if (speaksTus(request)) assertTus(request, response);
    await this.uploads.delete(actor, id);
    return speaksTus(request) ? answer(204, null) : { id, deleted: true };
  }

  @Get(':id/file')
  @Can('uploads.read')
  @Describe('Download an upload', {
    description: 'The file as it came, whole or in ranges.',
    returns: 'file',
    errors: [
      'notFound',
      'uploadNotComplete',
      'mediaNotAvailable',
      'mediaInfected',
      'mediaNotScanned',
      'rangeNotSatisfiable',
    ],
  })
  async file(
    @CurrentActor() actor: Actor,
    @IdParam() id: UploadId,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<StreamableFile> {
    return mediaResponse(this.media, await this.uploads.file(actor, id), request, response);
  }

  @Get(':id/thumbnail')
  @Can('uploads.read')
  @Describe('Get the thumbnail of an upload', {
    description: 'A small JPEG of a picture or a film.',
    returns: 'file',
    errors: ['notFound', 'uploadNotComplete', 'mediaNotAvailable', 'mediaInfected', 'mediaNotScanned'],
  })
  async thumbnail(@CurrentActor() actor: Actor, @IdParam() id: UploadId): Promise<StreamableFile> {
    const jpeg = await this.media.thumbnail(await this.uploads.file(actor, id));
    return new StreamableFile(jpeg, { type: 'image/jpeg', disposition: 'inline', length: jpeg.length });
  }

  private present(row: Parameters<typeof presentUpload>[0]): UploadOut {
    return presentUpload(row, this.links, this.origin);
  }
}
