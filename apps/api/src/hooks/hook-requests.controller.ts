import { Body, Controller, Get, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { type Actor, errors, type HookId, type HookRequestId } from '#contracts';
import { checkedActions, HookLog, type HookSample } from '#domain';
import { Can } from '../http/access.js';
import type { Page } from '../http/answer.js';
import { CurrentActor } from '../http/current-actor.js';
import { Describe } from '../http/describe.js';
import { IdParam } from '../http/id-param.js';
import { Idempotency, IdempotencyScope, Idempotent } from '../http/idempotency.js';
import { decodeIdCursor, toPage } from '../http/page.js';
import {
  DryRunHookIn,
  HookDryRunOut,
  HookRequestDetailOut,
  HookRequestOut,
  HookRequestsQuery,
  HookSampleIn,
  presentDryRun,
  presentHookRequest,
  presentHookRequestDetail,
} from './hook-requests.dto.js';

/** What was posted to a hook, and trying what it does. */
@ApiTags('Hooks')
@Controller('hooks')
export class HookRequestsController {
  constructor(private readonly log: HookLog) {}

  @Post(':id/test')
  @Can('hooks.write')
  @Idempotent()
  @Describe('Send a sample through a receiver hook', {
    description:
      'As if it had been posted and proven: what the actions say is really done. To see what would be done, use dry-run.',
    returns: HookRequestOut,
    status: 202,
    errors: ['notFound'],
  })
  async test(
    @CurrentActor() actor: Actor,
    @IdParam() id: HookId,
    @Body() body: HookSampleIn,
    @Idempotency() idempotency: IdempotencyScope,
  ): Promise<HookRequestOut> {
    const once = idempotency.storing(presentHookRequest);
    return presentHookRequest(await this.log.test(actor, id, sampleOf(body), once));
  }

  @Post(':id/dry-run')
  @Can('hooks.read')
  @Describe('Show what a receiver hook would do', {
    description:
      'Fills the actions in from a sample, or from a request of the log, and shows what they would do, and what would keep them from it: what is named and gone, fields that do not fit. Nothing is done.',
    returns: [HookDryRunOut],
    status: 200,
    errors: ['notFound', 'hookRequestForgotten'],
  })
  async dryRun(
    @CurrentActor() actor: Actor,
    @IdParam() id: HookId,
    @Body() { requestId, actions, ...sample }: DryRunHookIn,
  ): Promise<HookDryRunOut[]> {
    const from = requestId === undefined ? sampleOf(sample) : { requestId };
    const tried = actions && checkedActions(actions);
    return (await this.log.dryRun(actor, id, from, tried)).map(presentDryRun);
  }

  @Get(':id/requests')
  @Can('hooks.read')
  @Describe('List requests to a receiver hook', {
    description:
      'What was posted to it and what became of it, newest first. How long it is kept is a matter of retention.',
    returns: [HookRequestOut],
    page: true,
    errors: ['notFound'],
  })
  async list(
    @CurrentActor() actor: Actor,
    @IdParam() id: HookId,
    @Query() { state, limit, cursor }: HookRequestsQuery,
  ): Promise<Page<HookRequestOut>> {
    const before = decodeIdCursor<HookRequestId>(cursor);
    const rows = await this.log.list(actor, id, { state, before, limit: limit + 1 });
    return toPage(rows, limit, (row) => [row.id], presentHookRequest);
  }

  @Get(':id/requests/:requestId')
  @Can('hooks.read')
  @Describe('Get a request to a receiver hook', {
    description: 'With headers and body. Credentials are masked; of rejected requests nothing is kept.',
    returns: HookRequestDetailOut,
    errors: ['notFound'],
  })
  async get(
    @CurrentActor() actor: Actor,
    @IdParam() id: HookId,
    @IdParam('requestId') requestId: HookRequestId,
  ): Promise<HookRequestDetailOut> {
    return presentHookRequestDetail(await this.log.get(actor, id, requestId));
  }

  @Post(':id/requests/:requestId/replay')
  @Can('hooks.write')
  @Idempotent()
  @Describe('Work on a request once more', {
    description:
      'By what the hook says now, whatever became of it before: also what was done is done again. It is a request of its own in the log.',
    returns: HookRequestOut,
    status: 202,
    errors: ['notFound', 'hookRequestForgotten'],
  })
  async replay(
    @CurrentActor() actor: Actor,
    @IdParam() id: HookId,
    @IdParam('requestId') requestId: HookRequestId,
    @Idempotency() idempotency: IdempotencyScope,
  ): Promise<HookRequestOut> {
    const once = idempotency.storing(presentHookRequest);
    return presentHookRequest(await this.log.replay(actor, id, requestId, once));
  }
}

function sampleOf({ body, headers, query }: HookSampleIn): HookSample {
  return { body, headers: textsOf(headers, 'headers'), query: textsOf(query, 'query') };
}

/** @throws validation naming what is no text */
function textsOf(given: Record<string, unknown> = {}, path: string): Record<string, string> {
  const fields = Object.entries(given).flatMap(([name, value]) =>
    typeof value === 'string' ? [] : [{ path: `${path}.${name}`, message: 'must be a text' }],
  );
  if (fields.length > 0) throw errors.validation({ fields });
  return given as Record<string, string>;
}
