import { Body, Controller, Delete, Get, Post, Put, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Actor, WebhookId } from '#contracts';
import { Webhooks } from '#domain';
import { Can } from '../http/access.js';
import type { Page } from '../http/answer.js';
import { CurrentActor } from '../http/current-actor.js';
import { Describe } from '../http/describe.js';
import { IdParam } from '../http/id-param.js';
import { Idempotency, IdempotencyScope, Idempotent } from '../http/idempotency.js';
import { decodeIdCursor, toPage } from '../http/page.js';
import {
  CreatedWebhookOut,
  CreateWebhookIn,
  DeletedWebhookOut,
  presentCreatedWebhook,
  presentTest,
  presentWebhook,
  RotateWebhookSecretIn,
  UpdateWebhookIn,
  WebhookOut,
  WebhooksQuery,
  WebhookTestOut,
} from './webhooks.dto.js';

@ApiTags('Webhooks')
@Controller('webhooks')
export class WebhooksController {
  constructor(private readonly webhooks: Webhooks) {}

  @Post()
  @Can('webhooks.write')
  @Idempotent()
  @Describe('Create webhook', {
    description:
      'Posts every event of the profile from now on, or without `profileId` of the organization itself, in the order of each conversation, signed as Standard Webhooks 1.0.0 says. Only a 2xx answer counts; other calls are repeated under the same `webhook-id`, ten times over about 75 hours. The answer is the only place where the secret can be read.',
    returns: CreatedWebhookOut,
    errors: ['notFound', 'forbidden', 'urlNotAllowed'],
  })
  async create(
    @CurrentActor() actor: Actor,
    @Body() body: CreateWebhookIn,
    @Idempotency() idempotency: IdempotencyScope,
  ): Promise<CreatedWebhookOut> {
    return presentCreatedWebhook(await this.webhooks.create(actor, body, idempotency.storing(presentCreatedWebhook)));
  }

  @Get()
  @Can('webhooks.read')
  @Describe('List webhooks', {
    description: 'Oldest first. Secrets and the values of custom headers are never shown.',
    returns: [WebhookOut],
    page: true,
  })
  async list(@CurrentActor() actor: Actor, @Query() query: WebhooksQuery): Promise<Page<WebhookOut>> {
    const { profileId, limit, cursor } = query;
    const after = decodeIdCursor<WebhookId>(cursor);
    const rows = await this.webhooks.list(actor, { profileId, after, limit: limit + 1 });
    return toPage(rows, limit, (row) => [row.id], presentWebhook);
  }

  @Get(':id')
  @Can('webhooks.read')
  @Describe('Get webhook', {
    description: 'One webhook, and whether its endpoint is failing at present.',
    returns: WebhookOut,
    errors: ['notFound'],
  })
  async get(@CurrentActor() actor: Actor, @IdParam() id: WebhookId): Promise<WebhookOut> {
    return presentWebhook(await this.webhooks.get(actor, id));
  }

  @Put(':id')
  @Can('webhooks.write')
  @Describe('Update webhook', {
    description: 'Fields that are absent stay as they are.',
    returns: WebhookOut,
    errors: ['notFound', 'urlNotAllowed'],
  })
  async update(
    @CurrentActor() actor: Actor,
    @IdParam() id: WebhookId,
    @Body() body: UpdateWebhookIn,
  ): Promise<WebhookOut> {
    return presentWebhook(await this.webhooks.update(actor, id, body));
  }

  @Delete(':id')
  @Can('webhooks.write')
  @Describe('Delete webhook', {
    description: 'Nothing is posted from now on; what still waits is cancelled.',
    returns: DeletedWebhookOut,
    errors: ['notFound'],
  })
  async delete(@CurrentActor() actor: Actor, @IdParam() id: WebhookId): Promise<DeletedWebhookOut> {
    await this.webhooks.delete(actor, id);
    return { id, deleted: true };
  }

  @Post(':id/test')
  @Can('webhooks.write')
  @Describe('Send a test event', {
    description:
      'Calls the endpoint now with a signed event `test`, also when the webhook is switched off, and tells what came. The call is not repeated and is not in the delivery log.',
    returns: WebhookTestOut,
    status: 200,
    errors: ['notFound', 'webhookTestFailed'],
  })
  async test(@CurrentActor() actor: Actor, @IdParam() id: WebhookId): Promise<WebhookTestOut> {
    return presentTest(await this.webhooks.test(actor, id));
  }

  @Post(':id/rotate-secret')
  @Can('webhooks.write')
  @Idempotent()
  @Describe('Rotate the secret of a webhook', {
    description:
      'Calls are signed with the new secret at once and, for the hours of the overlap, with the one so far as well: `webhook-signature` then has two signatures, `x-multiwa-signature` is by the new secret and `x-multiwa-signature-previous` by the former. The answer is the only place where the new secret can be read. Rotating again during an overlap ends the one before.',
    returns: CreatedWebhookOut,
    status: 200,
    errors: ['notFound'],
  })
  async rotateSecret(
    @CurrentActor() actor: Actor,
    @IdParam() id: WebhookId,
    @Body() body: RotateWebhookSecretIn,
    @Idempotency() idempotency: IdempotencyScope,
  ): Promise<CreatedWebhookOut> {
    const once = idempotency.storing(presentCreatedWebhook);
    return presentCreatedWebhook(await this.webhooks.rotateSecret(actor, id, body, once));
  }
}
