import { Controller, Delete, Get, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Actor, SessionId } from '#contracts';
import { Sessions } from '#domain';
import { SessionOnly } from '../http/access.js';
import type { Page } from '../http/answer.js';
import { CurrentActor } from '../http/current-actor.js';
import { Describe } from '../http/describe.js';
import { IdParam } from '../http/id-param.js';
import { decodeIdCursor, PageQuery, toPage } from '../http/page.js';
import { presentSession, RevokedOthersOut, RevokedOut, SessionOut } from './sessions.dto.js';

@ApiTags('Auth')
@Controller('auth/sessions')
export class SessionsController {
  constructor(private readonly sessions: Sessions) {}

  @Get()
  @SessionOnly()
  @Describe('List your sessions', {
    description: 'Where you are logged in, newest login first. Sessions that have ended are not shown.',
    returns: [SessionOut],
    page: true,
  })
  async list(@CurrentActor() actor: Actor, @Query() query: PageQuery): Promise<Page<SessionOut>> {
    const before = decodeIdCursor<SessionId>(query.cursor);
    const rows = await this.sessions.list(actor, { before, limit: query.limit + 1 });
    return toPage(
      rows,
      query.limit,
      (row) => [row.id],
      (row) => presentSession(row, actor.credential.id),
    );
  }

  @Delete(':sessionId')
  @SessionOnly()
  @Describe('End one of your sessions', {
    description: 'Its tokens are refused from the next request on, in every process, and its sockets are closed.',
    returns: RevokedOut,
  })
  async revoke(@CurrentActor() actor: Actor, @IdParam('sessionId') id: SessionId): Promise<RevokedOut> {
    await this.sessions.revoke(actor, id);
    return { success: true };
  }

  @Delete()
  @SessionOnly()
  @Describe('End all your other sessions', {
    description: 'All but the one that asks.',
    returns: RevokedOthersOut,
  })
  async revokeOthers(@CurrentActor() actor: Actor): Promise<RevokedOthersOut> {
    return { success: true, revokedCount: await this.sessions.revokeOthers(actor) };
  }
}
