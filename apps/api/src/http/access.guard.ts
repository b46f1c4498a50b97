import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import type { Response } from 'express';
import { type Actor, type ApiKeyId, type CatalogueError, errors, narrowTo, type Origin } from '#contracts';
import { ApiKeyRecord, Authenticator } from '#domain';
import { type Access, accessOf, addressLimitOf } from './access.js';
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
    private readonly apiKeyRecord: ApiKeyRecord,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    // Sockets authenticate in their handshake and authorise per subscription.
    if (context.getType() !== 'http') return true;
    const request = context.switchToHttp().getRequest<ApiRequest>();
    const response = context.switchToHttp().getResponse<Response>();
    const access = accessOf(context.getClass(), context.getHandler());
    if (!access) throw new Error(`${context.getClass().name} does not declare who may call it.`);

    const limit = addressLimitOf(context.getHandler());
    if (limit) show(response, await this.limits[limit].take(addressKey(request.ip)));
    if (access.kind === 'public') return true;

    const actor = await this.actorOf(request, originOf(request));
    // Also when it may not: the record of what was refused names who asked.
    request.actor = actor;
    if (actor.credential.kind === 'api-key') this.record(actor.credential.id, context, request, response);
    show(response, await this.limits.caller.take(callerKey(actor), actor.ratePerMinute));
    request.actor = admitted(actor, access);
    return true;
  }

  /** Of keys it is recorded what they did, once it has been answered. */
  private record(id: ApiKeyId, context: ExecutionContext, request: ApiRequest, response: Response): void {
    response.once('close', () =>
      this.apiKeyRecord.note(id, {
        method: request.method,
        path: request.originalUrl.split('?', 1)[0]!,
        operation: `${context.getClass().name}_${context.getHandler().name}`,
        status: response.statusCode,
        ip: request.ip ?? null,
        requestId: request.requestId,
      }),
    );
  }

  private async actorOf(request: ApiRequest, origin: Origin): Promise<Actor> {
    try {
      // Other schemes may belong to a proxy in front of us.
      if (/^bearer /i.test(request.headers.authorization ?? ''))
        return { ...(await this.bearer.actorOf(request)), origin };
      const apiKey = request.headers['x-api-key'];
      return await this.authenticator.authenticate({ apiKey: typeof apiKey === 'string' ? apiKey : undefined, origin });
    } catch (error) {
      // Guessing costs: the address pays for every wrong credential.
      if ((error as CatalogueError).status === 401) await this.limits.failures.take(addressKey(request.ip));
      throw error;
    }
  }
}

/** The actor as it acts on the route. @throws forbidden */
function admitted(actor: Actor, access: Access): Actor {
  const isKey = actor.credential.kind === 'api-key';
  switch (access.kind) {
    case 'permission': {
      const { permission } = access;
      if (actor.permissions.has(permission)) return narrowTo(actor, permission);
      throw errors.forbidden({ message: `You lack the permission ${permission}.`, details: { permission } });
    }
    case 'session':
      if (!isKey) return actor;
      throw errors.forbidden({ message: 'An API key cannot do this. Log in.' });
    case 'platform-admin':
      if (actor.isPlatformAdmin) return actor;
      throw errors.forbidden({ message: 'Only an administrator of the installation may do this, after logging in.' });
    default:
      return actor;
  }
}

function originOf(request: ApiRequest): Origin {
  return {
    ...(request.ip !== undefined && { ip: request.ip }),
    ...(request.headers['user-agent'] !== undefined && { userAgent: request.headers['user-agent'] }),
    requestId: request.requestId,
  };
}

/** A key has its own allowance; a person has one over all sessions. */
function callerKey(actor: Actor): string {
  return actor.credential.kind === 'api-key' ? actor.credential.id : actor.userId;
}

/** By both drafts of the IETF that clients know: one field with parameters, and the older three. */
function show(response: Response, standing: Standing): void {
  const { limit, remaining, resetSeconds } = standing;
  response.setHeader('RateLimit-Policy', `"minute";q=${limit};w=60`);
  response.setHeader('RateLimit', `"minute";r=${remaining};t=${resetSeconds}`);
  response.setHeader('RateLimit-Limit', limit);
  response.setHeader('RateLimit-Remaining', remaining);
  response.setHeader('RateLimit-Reset', resetSeconds);
}
