import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import type { Response } from 'express';
import { type Actor, type CatalogueError, errors } from '#contracts';
import { Authenticator } from '#domain';
import { accessOf, isLimitedByAddress } from './access.js';
import { BearerStrategy } from './bearer.strategy.js';
import { Limits } from './limits.js';
import { addressKey, type Standing } from './rate-limits.js';
import type { ApiRequest } from './request.js';

/** Who is asking, may they, and not too often: for every route, by its declaration (access.ts). */
@Injectable()
export class AccessGuard implements CanActivate {
  constructor(
    private readonly bearer: BearerStrategy,
    private readonly authenticator: Authenticator,
    private readonly limits: Limits,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    // Sockets authenticate in their handshake and authorise per subscription.
    if (context.getType() !== 'http') return true;
    const request = context.switchToHttp().getRequest<ApiRequest>();
    const response = context.switchToHttp().getResponse<Response>();
    const access = accessOf(context.getClass(), context.getHandler());
    if (!access) throw new Error(`${context.getClass().name} does not declare who may call it.`);

    if (isLimitedByAddress(context.getHandler())) show(response, this.limits.login.take(addressKey(request.ip)));
    if (access.kind === 'public') return true;

    request.actor = await this.actorOf(request);
    show(response, this.limits.caller.take(callerKey(request.actor)));
    if (access.kind === 'permission' && !request.actor.permissions.has(access.permission)) {
      throw errors.forbidden({
        message: `You lack the permission ${access.permission}.`,
        details: { permission: access.permission },
      });
    }
    return true;
  }

  private async actorOf(request: ApiRequest): Promise<Actor> {
    try {
      // Other schemes may belong to a proxy in front of us.
      if (/^bearer /i.test(request.headers.authorization ?? '')) return await this.bearer.actorOf(request);
      const apiKey = request.headers['x-api-key'];
      return await this.authenticator.authenticate({ apiKey: typeof apiKey === 'string' ? apiKey : undefined });
    } catch (error) {
      // Guessing costs: the address pays for every wrong credential.
      if ((error as CatalogueError).status === 401) this.limits.failures.take(addressKey(request.ip));
      throw error;
    }
  }
}

/** A key has its own allowance; a person has one over all sessions. */
function callerKey(actor: Actor): string {
  return actor.credential.kind === 'api-key' ? actor.credential.id : actor.userId;
}

function show(response: Response, standing: Standing): void {
  response.setHeader('RateLimit-Limit', standing.limit);
  response.setHeader('RateLimit-Remaining', standing.remaining);
  response.setHeader('RateLimit-Reset', standing.resetSeconds);
}
