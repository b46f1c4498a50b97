import { Body, Controller, Delete, Get, Post, Put, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { AccountId, Actor } from '#contracts';
import { Accounts } from '#domain';
import { Can } from '../http/access.js';
import type { Page } from '../http/answer.js';
import { CurrentActor } from '../http/current-actor.js';
import { Describe } from '../http/describe.js';
import { IdParam } from '../http/id-param.js';
import { Idempotency, IdempotencyScope, Idempotent } from '../http/idempotency.js';
import { decodeIdCursor, toPage } from '../http/page.js';
import {
  AccountOut,
  AccountsQuery,
  CreateAccountIn,
  DeletedAccountOut,
  presentAccount,
  UpdateAccountIn,
} from './accounts.dto.js';

@ApiTags('Accounts')
@Controller('accounts')
export class AccountsController {
  constructor(private readonly accounts: Accounts) {}

  @Get()
  @Can('accounts.read')
  @Describe('List accounts', {
    description: 'Oldest first; the first is the one that registration made.',
    returns: [AccountOut],
    page: true,
  })
  async list(@CurrentActor() actor: Actor, @Query() query: AccountsQuery): Promise<Page<AccountOut>> {
    const { workspaceId, limit, cursor } = query;
    const rows = await this.accounts.list(actor, { workspaceId, after: decodeIdCursor(cursor), limit: limit + 1 });
    return toPage(rows, limit, (row) => [row.id], presentAccount);
  }

  @Post()
  @Can('accounts.write')
  @Idempotent()
  @Describe('Create an account', {
    description: 'A group of profiles within a workspace.',
    returns: AccountOut,
    errors: ['notFound'],
  })
  async create(
    @CurrentActor() actor: Actor,
    @Body() body: CreateAccountIn,
    @Idempotency() idempotency: IdempotencyScope,
  ): Promise<AccountOut> {
    return presentAccount(await this.accounts.create(actor, body, idempotency.storing(presentAccount)));
  }

  @Get(':id')
  @Can('accounts.read')
  @Describe('Get an account', { description: 'One account by its id.', returns: AccountOut })
  async get(@CurrentActor() actor: Actor, @IdParam() id: AccountId): Promise<AccountOut> {
    return presentAccount(await this.accounts.get(actor, id));
  }

  @Put(':id')
  @Can('accounts.write')
  @Describe('Change an account', {
    description: 'Fields that are left out stay as they are; `settings` is replaced as a whole.',
    returns: AccountOut,
  })
  async update(
    @CurrentActor() actor: Actor,
    @IdParam() id: AccountId,
    @Body() body: UpdateAccountIn,
  ): Promise<AccountOut> {
    return presentAccount(await this.accounts.update(actor, id, body));
  }

  @Delete(':id')
  @Can('accounts.write')
  @Describe('Delete an account', {
    description: 'Only an empty one: delete or move its profiles first.',
    returns: DeletedAccountOut,
    errors: ['notEmpty'],
  })
  async delete(@CurrentActor() actor: Actor, @IdParam() id: AccountId): Promise<DeletedAccountOut> {
    await this.accounts.delete(actor, id);
    return { id, deleted: true };
  }
}
