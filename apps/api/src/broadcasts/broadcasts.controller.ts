import { Body, Controller, Delete, Get, Post, type Provider, Put, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Config } from '#config';
import type { Actor, BroadcastId } from '#contracts';
import { Database } from '#database';
import {
  AudienceFiles,
  BroadcastControl,
  BroadcastEstimates,
  BroadcastPreparer,
  BroadcastReports,
  Broadcasts,
  BroadcastTrials,
  EngineGateway,
  GroupRosters,
  KnownFiles,
  MediaIntake,
  MessageSender,
} from '#domain';
import { MediaStorage } from '#storage';
import { Can } from '../http/access.js';
import type { Page } from '../http/answer.js';
import { CONFIG } from '../http/config.js';
import { CurrentActor } from '../http/current-actor.js';
import { Describe } from '../http/describe.js';
import { IdParam } from '../http/id-param.js';
import { Idempotency, IdempotencyScope, Idempotent } from '../http/idempotency.js';
import { decodeIdCursor, toPage } from '../http/page.js';
import { audienceErrors, fileErrors } from './broadcast-errors.js';
import { CreateBroadcastIn, toBroadcastChanges, toBroadcastDraft, UpdateBroadcastIn } from './broadcast-in.dto.js';
import { BroadcastOut, DeletedBroadcastOut, presentBroadcast } from './broadcast-out.dto.js';
import { BroadcastsQuery } from './broadcast-report.dto.js';

/** What the controllers of broadcasts ask for. */
export const broadcastProviders: Provider[] = [
  {
    provide: Broadcasts,
    inject: [Database, KnownFiles, MediaStorage, BroadcastPreparer],
    useFactory: (db: Database, known: KnownFiles, storage: MediaStorage, preparer: BroadcastPreparer) =>
      new Broadcasts(db, new AudienceFiles(known, storage), preparer),
  },
  { provide: BroadcastReports, inject: [Database], useFactory: (db: Database) => new BroadcastReports(db) },
  {
    provide: BroadcastEstimates,
    inject: [Database, MediaStorage, BroadcastPreparer],
    useFactory: (db: Database, storage: MediaStorage, preparer: BroadcastPreparer) =>
      new BroadcastEstimates(db, storage, preparer),
  },
  {
    provide: BroadcastPreparer,
    inject: [Database, MediaIntake],
    useFactory: (db: Database, intake: MediaIntake) => new BroadcastPreparer(db, intake),
  },
  {
    provide: BroadcastTrials,
    inject: [Database, BroadcastPreparer, MessageSender],
    useFactory: (db: Database, preparer: BroadcastPreparer, sender: MessageSender) =>
      new BroadcastTrials(db, preparer, sender),
  },
  {
    provide: BroadcastControl,
    inject: [Database, BroadcastPreparer, EngineGateway, CONFIG],
    useFactory: (db: Database, preparer: BroadcastPreparer, gateway: EngineGateway, config: Config) =>
      new BroadcastControl(db, preparer, new GroupRosters(db, gateway), {
        expiryMs: config.engine.sendExpiryHours * 3_600_000,
      }),
  },
];

@ApiTags('Broadcasts')
@Controller('broadcast')
export class BroadcastsController {
  constructor(private readonly broadcasts: Broadcasts) {}

  @Post()
  @Can('broadcasts.write')
  @Idempotent()
  @Describe('Create a broadcast campaign', {
    description: 'A draft. Nothing is sent before it is started or scheduled.',
    returns: BroadcastOut,
    errors: ['notFound', ...audienceErrors],
  })
  async create(
    @CurrentActor() actor: Actor,
    @Body() body: CreateBroadcastIn,
    @Idempotency() idempotency: IdempotencyScope,
  ): Promise<BroadcastOut> {
    const storing = idempotency.storing(presentBroadcast);
    return presentBroadcast(await this.broadcasts.create(actor, toBroadcastDraft(body), storing));
  }

  @Get()
  @Can('broadcasts.read')
  @Describe('List broadcasts', {
    description: 'Newest first, with their figures; filters all have to fit.',
    returns: [BroadcastOut],
    page: true,
  })
  async list(@CurrentActor() actor: Actor, @Query() query: BroadcastsQuery): Promise<Page<BroadcastOut>> {
    const { limit, cursor, offset, profileId, status, parentId } = query;
    const before = decodeIdCursor<BroadcastId>(cursor);
    const filter = { profileId, state: status, parentId };
    const rows = await this.broadcasts.list(actor, { ...filter, before, offset, limit: limit + 1 });
    return toPage(rows, limit, ({ broadcast }) => [broadcast.id], presentBroadcast);
  }

  @Get(':id')
  @Can('broadcasts.read')
  @Describe('Get broadcast', {
    description: 'One broadcast, with its figures at this moment.',
    returns: BroadcastOut,
    errors: ['notFound'],
  })
  async get(@CurrentActor() actor: Actor, @IdParam() id: BroadcastId): Promise<BroadcastOut> {
    return presentBroadcast(await this.broadcasts.get(actor, id));
  }

  @Put(':id')
  @Can('broadcasts.write')
  @Describe('Update broadcast', {
    description:
      'Before it begins, all of it. While it is paused, or has failed, how it sends and which numbers do (`name`, `settings`, `senders`): a number that is taken out gives back what it has not sent. Fields that are left out stay; settings are changed one by one.',
    returns: BroadcastOut,
    errors: ['notFound', 'broadcastState', ...new Set([...audienceErrors, ...fileErrors])],
  })
  async update(
    @CurrentActor() actor: Actor,
    @IdParam() id: BroadcastId,
    @Body() body: UpdateBroadcastIn,
  ): Promise<BroadcastOut> {
    return presentBroadcast(await this.broadcasts.update(actor, id, toBroadcastChanges(body)));
  }

  @Delete(':id')
  @Can('broadcasts.write')
  @Describe('Delete broadcast', {
    description:
      'With its list of recipients; its messages stay, and the broadcasts that it made. One that is running, paused or failed has to be cancelled first.',
    returns: DeletedBroadcastOut,
    errors: ['notFound', 'broadcastState'],
  })
  async delete(@CurrentActor() actor: Actor, @IdParam() id: BroadcastId): Promise<DeletedBroadcastOut> {
    await this.broadcasts.delete(actor, id);
    return { id, deleted: true };
  }
}
