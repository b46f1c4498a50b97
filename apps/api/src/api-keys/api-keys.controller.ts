import { Body, Controller, Delete, Get, Post, Query } from '@nestjs/common';
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
import {
  ApiKeyOut,
  CreateApiKeyIn,
  CreatedApiKeyOut,
  presentApiKey,
  presentCreatedApiKey,
  RevokedApiKeyOut,
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
      'Makes a key for a program. The answer is the only place where it can be read: only its hash is kept. A key can be given no more than the caller holds.',
    returns: CreatedApiKeyOut,
  })
  async create(
    @CurrentActor() actor: Actor,
    @Body() body: CreateApiKeyIn,
    @Idempotency() idempotency: IdempotencyScope,
  ): Promise<CreatedApiKeyOut> {
    const draft = { ...body, permissions: body.permissions ?? ['*'] };
    return presentCreatedApiKey(await this.apiKeys.create(actor, draft, idempotency.storing(presentCreatedApiKey)));
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
