import { Body, Controller, Delete, Get, Post, Put, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Actor, ApiKeyId } from '#contracts';
import { ApiKeys } from '#domain';
import { Can } from '../http/access.js';
import type { Page } from '../http/answer.js';
import { CurrentActor } from '../http/current-actor.js';
import { Describe } from '../http/describe.js';
import { IdParam } from '../http/id-param.js';
import { Idempotency, IdempotencyScope, Idempotent } from '../http/idempotency.js';
import { decodeIdCursor, PageQuery, toPage } from '../http/page.js';
import { ApiKeyCallOut, ApiKeyUsageOut, ApiKeyUsageQuery, presentCall } from './api-key-usage.dto.js';
import {
  ApiKeyOut,
  CreateApiKeyIn,
  CreatedApiKeyOut,
  changesOf,
  draftOf,
  presentApiKey,
  presentCreatedApiKey,
  RevokedApiKeyOut,
  RotateApiKeyIn,
  UpdateApiKeyIn,
} from './api-keys.dto.js';

@ApiTags('API keys')
@Controller('api-keys')
export class ApiKeysController {
  constructor(private readonly apiKeys: ApiKeys) {}

  @Get()
  @Can('api-keys.read')
  @Describe('List API keys', {
    description: 'Newest first, without those that were deleted. The keys themselves cannot be read again.',
    returns: [ApiKeyOut],
    page: true,
  })
  async list(@CurrentActor() actor: Actor, @Query() query: PageQuery): Promise<Page<ApiKeyOut>> {
    const rows = await this.apiKeys.list(actor, { before: decodeIdCursor(query.cursor), limit: query.limit + 1 });
    return toPage(rows, query.limit, (row) => [row.id], presentApiKey);
  }

  @Post()
  @Can('api-keys.write')
  @Idempotent()
  @Describe('Create an API key', {
    description:
      'Makes a key for a program. The answer is the only place where it can be read: only its hash is kept. A key can be given no more than the caller holds; a key that makes keys passes its own limits on.',
    returns: CreatedApiKeyOut,
    errors: ['notFound'],
  })
  async create(
    @CurrentActor() actor: Actor,
    @Body() body: CreateApiKeyIn,
    @Idempotency() idempotency: IdempotencyScope,
  ): Promise<CreatedApiKeyOut> {
    const storing = idempotency.storing(presentCreatedApiKey);
    return presentCreatedApiKey(await this.apiKeys.create(actor, draftOf(body), storing));
  }

  @Get(':id')
  @Can('api-keys.read')
  @Describe('Get an API key', { description: 'One key by its id, with its limits and last use.', returns: ApiKeyOut })
  async get(@CurrentActor() actor: Actor, @IdParam() id: ApiKeyId): Promise<ApiKeyOut> {
    return presentApiKey(await this.apiKeys.get(actor, id));
  }

  @Get(':id/usage')
  @Can('api-keys.read')
  @Describe('See how an API key is used', {
    description:
      'How often the key called each operation on each of the last days, and how many of the calls were refused (4xx) or failed (5xx). Kept for 90 days. What happened in the last seconds may be missing.',
    returns: [ApiKeyUsageOut],
  })
  async usage(
    @CurrentActor() actor: Actor,
    @IdParam() id: ApiKeyId,
    @Query() query: ApiKeyUsageQuery,
  ): Promise<ApiKeyUsageOut[]> {
    return this.apiKeys.usage(actor, id, query.days);
  }

  @Get(':id/calls')
  @Can('api-keys.read')
  @Describe('List the last calls of an API key', {
    description:
      'Newest first: the last hundred calls, one by one. What happened in the last seconds may be missing. Changes are in the audit trail too.',
    returns: [ApiKeyCallOut],
    page: true,
  })
  async calls(
    @CurrentActor() actor: Actor,
    @IdParam() id: ApiKeyId,
    @Query() query: PageQuery,
  ): Promise<Page<ApiKeyCallOut>> {
    const page = { before: decodeIdCursor<string>(query.cursor), limit: query.limit + 1 };
    return toPage(await this.apiKeys.calls(actor, id, page), query.limit, (row) => [row.id], presentCall);
  }

  @Put(':id')
  @Can('api-keys.write')
  @Describe('Change an API key', {
    description:
      'Changes name and limits; fields that are left out stay as they are. The change acts with the next request, and on open sockets at once.',
    returns: ApiKeyOut,
  })
  async update(
    @CurrentActor() actor: Actor,
    @IdParam() id: ApiKeyId,
    @Body() body: UpdateApiKeyIn,
  ): Promise<ApiKeyOut> {
    return presentApiKey(await this.apiKeys.update(actor, id, changesOf(body)));
  }

  @Post(':id/rotate')
  @Can('api-keys.write')
  @Idempotent()
  @Describe('Rotate an API key', {
    description:
      'Gives the key a new secret, which is shown only here. The present one goes on working for `overlapSeconds` (a day unless you say otherwise), so that programs can be changed one after another. Only the user who made the key can rotate it.',
    returns: CreatedApiKeyOut,
    status: 200,
  })
  async rotate(
    @CurrentActor() actor: Actor,
    @IdParam() id: ApiKeyId,
    @Body() body: RotateApiKeyIn,
    @Idempotency() idempotency: IdempotencyScope,
  ): Promise<CreatedApiKeyOut> {
    const storing = idempotency.storing(presentCreatedApiKey);
    return presentCreatedApiKey(await this.apiKeys.rotate(actor, id, body.overlapSeconds, storing));
  }

  @Delete(':id')
  @Can('api-keys.write')
  @Describe('Delete an API key', {
    description: 'Revokes the key. It is refused from the next request on, and its open sockets are closed.',
    returns: RevokedApiKeyOut,
  })
  async delete(@CurrentActor() actor: Actor, @IdParam() id: ApiKeyId): Promise<RevokedApiKeyOut> {
    await this.apiKeys.revoke(actor, id);
    return { id, deleted: true };
  }
}
