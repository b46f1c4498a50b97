import { Body, Controller, Get, Param, Post, Query } from '@nestjs/common';
import { ApiParam, ApiTags } from '@nestjs/swagger';
import { type Actor, type BatchId, errors } from '#contracts';
import { Batches, BulkSender } from '#domain';
import { Can } from '../http/access.js';
import { type Answer, answer, type Page } from '../http/answer.js';
import { CurrentActor } from '../http/current-actor.js';
import { Describe } from '../http/describe.js';
import { Idempotency, IdempotencyScope, Idempotent } from '../http/idempotency.js';
import { decodeIdCursor, toPage } from '../http/page.js';
import { fileErrors } from '../messages/single-sends.js';
import {
  BatchesQuery,
  BatchOut,
  BatchQuery,
  BatchWithResultsOut,
  presentBatch,
  presentBatchWithResults,
} from './batches.dto.js';
import { BulkSendIn, BulkSendOut, presentAccepted, toBulkRequest } from './bulk.dto.js';
import { BulkContents } from './bulk-contents.js';

const DescribeBatchId = () =>
  ApiParam({ name: 'batchId', description: 'Your own name for the batch, or our id.', example: 'newsletter-2026-11' });

@ApiTags('Bulk')
@Controller('bulk')
export class BulkController {
  constructor(
    private readonly sender: BulkSender,
    private readonly contents: BulkContents,
    private readonly batches: Batches,
  ) {}

  @Post('send')
  @Can('messages.send')
  @Idempotent()
  @Describe('Send bulk messages with variables', {
    description:
      'Accepts all messages or none; one wrong item and nothing is sent. They go out one after another with pauses, after single sends, and every one ends in a settled state; a restart loses nothing. Who opted out of campaigns gets none: the item is `skipped` and says so.',
    returns: BulkSendOut,
    status: 202,
    errors: [...fileErrors, 'batchReferenceTaken', 'templateVariablesMissing'],
  })
  async send(
    @CurrentActor() actor: Actor,
    @Body() body: BulkSendIn,
    @Idempotency() idempotency: IdempotencyScope,
  ): Promise<Answer<BulkSendOut>> {
    const present = (batch: Parameters<typeof presentAccepted>[0]) => answer(202, presentAccepted(batch));
    const messages = await this.contents.read(actor, body.messages);
    return present(await this.sender.accept(actor, toBulkRequest(body, messages), idempotency.storing(present)));
  }

  @Get('batches')
  @Can('messages.read')
  @Describe('List batches', {
    description: 'The batches of a profile with their progress, newest first.',
    returns: [BatchOut],
    page: true,
    errors: ['notFound'],
  })
  async list(@CurrentActor() actor: Actor, @Query() query: BatchesQuery): Promise<Page<BatchOut>> {
    const { profileId, limit, offset } = query;
    const before = decodeIdCursor<BatchId>(query.cursor);
    const rows = await this.batches.list(actor, profileId, { before, offset, limit: limit + 1 });
    return toPage(rows, limit, (batch) => [batch.id], presentBatch);
  }

  @Get('batch/:batchId')
  @Can('messages.read')
  @DescribeBatchId()
  @Describe('Get batch status', {
    description: 'Progress and every single result, counted from the messages at this moment.',
    returns: BatchWithResultsOut,
    errors: ['notFound'],
  })
  async get(
    @CurrentActor() actor: Actor,
    @Param('batchId') batchId: string,
    @Query() query: BatchQuery,
  ): Promise<BatchWithResultsOut> {
    return presentBatchWithResults(await this.batches.get(actor, nameOf(batchId, query)));
  }

  @Post('batch/:batchId/cancel')
  @Can('messages.send')
  @DescribeBatchId()
  @Describe('Cancel a batch', {
    description:
      'Cancels every message that has not been taken on for sending. What is cancelled was certainly not sent; what is under way at this moment is left to end by itself.',
    returns: BatchWithResultsOut,
    status: 200,
    errors: ['notFound', 'batchFinished'],
  })
  async cancel(
    @CurrentActor() actor: Actor,
    @Param('batchId') batchId: string,
    @Query() query: BatchQuery,
  ): Promise<BatchWithResultsOut> {
    return presentBatchWithResults(await this.batches.cancel(actor, nameOf(batchId, query)));
  }
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

function nameOf(name: string, { profileId }: BatchQuery) {
  if (!profileId && !UUID.test(name)) {
    const message = 'must be our id of the batch, or your own name for it together with the query profileId';
    throw errors.validation({ fields: [{ path: 'batchId', message }] });
  }
  return { name, profileId: profileId ?? null };
}
