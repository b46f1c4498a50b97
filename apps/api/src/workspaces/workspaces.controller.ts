import { Body, Controller, Delete, Get, Post, Put, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Actor, WorkspaceId } from '#contracts';
import { Workspaces } from '#domain';
import { Can } from '../http/access.js';
import type { Page } from '../http/answer.js';
import { CurrentActor } from '../http/current-actor.js';
import { Describe } from '../http/describe.js';
import { IdParam } from '../http/id-param.js';
import { Idempotency, IdempotencyScope, Idempotent } from '../http/idempotency.js';
import { decodeIdCursor, PageQuery, toPage } from '../http/page.js';
import {
  CreateWorkspaceIn,
  DeletedWorkspaceOut,
  presentWorkspace,
  UpdateWorkspaceIn,
  WorkspaceOut,
} from './workspaces.dto.js';

@ApiTags('Workspaces')
@Controller('workspaces')
export class WorkspacesController {
  constructor(private readonly workspaces: Workspaces) {}

  @Get()
  @Can('workspaces.read')
  @Describe('List workspaces', {
    description: 'Oldest first; the first is the one that registration made.',
    returns: [WorkspaceOut],
    page: true,
  })
  async list(@CurrentActor() actor: Actor, @Query() query: PageQuery): Promise<Page<WorkspaceOut>> {
    const rows = await this.workspaces.list(actor, { after: decodeIdCursor(query.cursor), limit: query.limit + 1 });
    return toPage(rows, query.limit, (row) => [row.id], presentWorkspace);
  }

  @Post()
  @Can('workspaces.write')
  @Idempotent()
  @Describe('Create a workspace', {
    description: 'A part of the organization, such as a department. It holds accounts.',
    returns: WorkspaceOut,
    errors: ['slugTaken'],
  })
  async create(
    @CurrentActor() actor: Actor,
    @Body() body: CreateWorkspaceIn,
    @Idempotency() idempotency: IdempotencyScope,
  ): Promise<WorkspaceOut> {
    return presentWorkspace(await this.workspaces.create(actor, body, idempotency.storing(presentWorkspace)));
  }

  @Get(':id')
  @Can('workspaces.read')
  @Describe('Get a workspace', { description: 'One workspace by its id.', returns: WorkspaceOut })
  async get(@CurrentActor() actor: Actor, @IdParam() id: WorkspaceId): Promise<WorkspaceOut> {
    return presentWorkspace(await this.workspaces.get(actor, id));
  }

  @Put(':id')
  @Can('workspaces.write')
  @Describe('Change a workspace', {
    description: 'Fields that are left out stay as they are; `settings` is replaced as a whole.',
    returns: WorkspaceOut,
    errors: ['slugTaken'],
  })
  async update(
    @CurrentActor() actor: Actor,
    @IdParam() id: WorkspaceId,
    @Body() body: UpdateWorkspaceIn,
  ): Promise<WorkspaceOut> {
    return presentWorkspace(await this.workspaces.update(actor, id, body));
  }

  @Delete(':id')
  @Can('workspaces.write')
  @Describe('Delete a workspace', {
    description: 'Only an empty one: delete or move its accounts first.',
    returns: DeletedWorkspaceOut,
    errors: ['notEmpty'],
  })
  async delete(@CurrentActor() actor: Actor, @IdParam() id: WorkspaceId): Promise<DeletedWorkspaceOut> {
    await this.workspaces.delete(actor, id);
    return { id, deleted: true };
  }
}
