import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { Actor } from '#contracts';
import type { ApiRequest } from './request.js';

/** The actor of this request. Only on routes with `@Can` or `@Authenticated`. */
export const CurrentActor = createParamDecorator((_: unknown, context: ExecutionContext): Actor => {
  const { actor } = context.switchToHttp().getRequest<ApiRequest>();
  if (!actor) throw new Error('A public route has no actor.');
  return actor;
});
