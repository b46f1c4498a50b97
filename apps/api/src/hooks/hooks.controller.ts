import { Body, Controller, Delete, Get, Inject, Injectable, Post, Put, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { type Config, publicUrlOf } from '#config';
import type { Actor, HookId } from '#contracts';
import { Hooks, type ShownHook } from '#domain';
import { Can } from '../http/access.js';
import type { Page } from '../http/answer.js';
import { CONFIG } from '../http/config.js';
import { CurrentActor } from '../http/current-actor.js';
import { Describe } from '../http/describe.js';
import { IdParam } from '../http/id-param.js';
import { Idempotency, IdempotencyScope, Idempotent } from '../http/idempotency.js';
import { decodeIdCursor, toPage } from '../http/page.js';
import { RECEIVER_PATH } from '../http/receiver-path.js';
import { CreateHookIn, HookStatisticsQuery, HooksQuery, RotateHookIn, UpdateHookIn } from './hook-in.dto.js';
import {
  DeletedHookOut,
  HookOut,
  HookStatisticsOut,
  presentHook,
  presentStatistics,
  ShownHookOut,
  UpdatedHookOut,
} from './hook-out.dto.js';

/** Where the hooks of this installation are reached. */
@Injectable()
export class HookAddresses {
  constructor(@Inject(CONFIG) private readonly config: Config) {}

  present({ hook, token, secret }: ShownHook): ShownHookOut {
    return { ...presentHook(hook), secret, url: `${publicUrlOf(this.config)}${RECEIVER_PATH}/${token}` };
  }
}

@ApiTags('Hooks')
@Controller('hooks')
export class HooksController {
  constructor(
    private readonly hooks: Hooks,
    private readonly addresses: HookAddresses,
  ) {}

  @Post()
  @Can('hooks.write')
  @Idempotent()
  @Describe('Register a receiver hook', {
    description:
      'Makes an address to which another system can post, and says what is done then. You can have it do only what you may do yourself. The answer is the only place where the address and a secret that was made can be read.',
    returns: ShownHookOut,
    errors: ['notFound', 'tooManyHooks'],
  })
  async create(
    @CurrentActor() actor: Actor,
    @Body() body: CreateHookIn,
    @Idempotency() idempotency: IdempotencyScope,
  ): Promise<ShownHookOut> {
    const draft = { verification: { kind: 'hmac-sha256' as const }, ...body, deduplicateBy: deduplicateByOf(body) };
    const present = (shown: ShownHook) => this.addresses.present(shown);
    return present(await this.hooks.create(actor, draft, idempotency.storing(present)));
  }

  @Get()
  @Can('hooks.read')
  @Describe('List receiver hooks', {
    description: 'Oldest first. Addresses and secrets are never shown.',
    returns: [HookOut],
    page: true,
  })
  async list(@CurrentActor() actor: Actor, @Query() query: HooksQuery): Promise<Page<HookOut>> {
    const { profileId, limit, cursor } = query;
    const rows = await this.hooks.list(actor, { profileId, after: decodeIdCursor<HookId>(cursor), limit: limit + 1 });
    return toPage(rows, limit, (row) => [row.id], presentHook);
  }

  @Get(':id')
  @Can('hooks.read')
  @Describe('Get receiver hook', { description: 'One hook by its id.', returns: HookOut, errors: ['notFound'] })
  async get(@CurrentActor() actor: Actor, @IdParam() id: HookId): Promise<HookOut> {
    return presentHook(await this.hooks.get(actor, id));
  }

  @Put(':id')
  @Can('hooks.write')
  @Describe('Update receiver hook', {
    description:
      'Fields that are left out stay; lists and objects are replaced as a whole. What was received before and still waits is worked on as the hook is then.',
    returns: UpdatedHookOut,
    errors: ['notFound'],
  })
  async update(
    @CurrentActor() actor: Actor,
    @IdParam() id: HookId,
    @Body() body: UpdateHookIn,
  ): Promise<UpdatedHookOut> {
    const { hook, secret } = await this.hooks.update(actor, id, { ...body, deduplicateBy: deduplicateByOf(body) });
    return { ...presentHook(hook), secret };
  }

  @Delete(':id')
  @Can('hooks.write')
  @Describe('Delete receiver hook', {
    description: 'Its address takes nothing from now on; its log, and what still waits, goes with it.',
    returns: DeletedHookOut,
    errors: ['notFound'],
  })
  async delete(@CurrentActor() actor: Actor, @IdParam() id: HookId): Promise<DeletedHookOut> {
    await this.hooks.delete(actor, id);
    return { id, deleted: true };
  }

  @Post(':id/rotate')
  @Can('hooks.write')
  @Idempotent()
  @Describe('Give a receiver hook another address', {
    description:
      'The present address can go on for a while. The answer is the only place where the new one can be read.',
    returns: ShownHookOut,
    errors: ['notFound'],
  })
  async rotate(
    @CurrentActor() actor: Actor,
    @IdParam() id: HookId,
    @Body() { overlapSeconds = 0 }: RotateHookIn,
    @Idempotency() idempotency: IdempotencyScope,
  ): Promise<ShownHookOut> {
    const present = (shown: ShownHook) => this.addresses.present(shown);
    return present(await this.hooks.rotate(actor, id, overlapSeconds, idempotency.storing(present)));
  }

  @Get(':id/statistics')
  @Can('hooks.read')
  @Describe('Statistics of a receiver hook', {
    description:
      'Requests by day and by what became of them, counted from the log: what retention removed is not in it.',
    returns: HookStatisticsOut,
    errors: ['notFound'],
  })
  async statistics(
    @CurrentActor() actor: Actor,
    @IdParam() id: HookId,
    @Query() { days }: HookStatisticsQuery,
  ): Promise<HookStatisticsOut> {
    return presentStatistics(id, await this.hooks.statistics(actor, id, days));
  }
}

function deduplicateByOf({ deduplicateBy }: Pick<CreateHookIn, 'deduplicateBy'>) {
  return deduplicateBy as { header: string } | { path: string } | null | undefined;
}
