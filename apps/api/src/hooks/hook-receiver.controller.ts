import { Controller, Param, Post, Req } from '@nestjs/common';
import { ApiBody, ApiTags } from '@nestjs/swagger';
import { HookReceiver, MAX_HOOK_BODY } from '#domain';
import { Public } from '../http/access.js';
import { Describe } from '../http/describe.js';
import { Limits } from '../http/limits.js';
import { addressKey } from '../http/rate-limits.js';
import type { ApiRequest } from '../http/request.js';
import { HookReceivedOut } from './hook-requests.dto.js';

/** Where other systems post to. The only route whose body is bytes until who sent it is proven. */
@ApiTags('Hooks')
@Controller('hooks/in')
export class HookReceiverController {
  constructor(
    private readonly receiver: HookReceiver,
    private readonly limits: Limits,
  ) {}

  @Post(':token')
  @Public()
  @ApiBody({
    description: `Any JSON, or a form, up to ${MAX_HOOK_BODY / 1024} KiB.`,
    schema: { type: 'object', additionalProperties: true, example: { id: 1001, status: 'shipped' } },
  })
  @Describe('Post to a receiver hook', {
    description:
      'The address that a hook was given. 202 means that the request is stored and will be worked on, once, whatever crashes. An address that takes nothing answers 404, whatever the reason. The sender proves itself as the hook says.',
    returns: HookReceivedOut,
    status: 202,
    errors: ['notFound', 'hookAddressRefused', 'hookNotVerified', 'malformedJson', 'unsupportedMediaType'],
  })
  async receive(@Param('token') token: string, @Req() request: ApiRequest): Promise<HookReceivedOut> {
    const { ip: address, headers, query, body } = request;
    const incoming = { token, address, headers: flat(headers), query: flat(query), body: body as Buffer };
    try {
      const { limits } = this;
      const received = await this.receiver.receive(incoming, ({ id, ratePerMinute }) =>
        limits.hook.take(id, ratePerMinute),
      );
      return { requestId: received.requestId, repeat: received.isRepeat };
    } catch (error) {
      // Guessing addresses costs, like guessing keys.
      if ((error as { status?: number }).status === 404) await this.limits.failures.take(addressKey(address));
      throw error;
    }
  }
}

/** Headers and parameters that came several times, as one text. */
function flat(given: Record<string, unknown>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(given).flatMap(([name, value]) => (value === undefined ? [] : [[name, [value].flat().join(', ')]])),
  );
}
