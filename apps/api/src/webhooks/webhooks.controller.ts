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
  DeliveriesQuery,
  presentCreatedWebhook,
  presentDelivery,
  presentDeliveryWithAttempts,
  presentTest,
  presentWebhook,
  UpdateWebhookIn,
  WebhookDeliveryOut,
  WebhookDeliveryWithAttemptsOut,
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
      'Posts every event of the profile from now on, in the order of each conversation, signed as Standard Webhooks 1.0.0 says. Only a 2xx answer counts; other calls are repeated under the same `webhook-id`, ten times over about 75 hours. The answer is the only place where the secret can be read.',
    returns: CreatedWebhookOut,
    errors: ['notFound', 'urlNotAllowed'],
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

  @Get(':id/deliveries')
  @Can('webhooks.read')
  @Describe('List deliveries', {
    description: 'What was and is to be posted, newest first.',
    returns: [WebhookDeliveryOut],
    page: true,
    errors: ['notFound'],
  })
  async deliveries(
    @CurrentActor() actor: Actor,
    @IdParam() id: WebhookId,
    @Query() query: DeliveriesQuery,
  ): Promise<Page<WebhookDeliveryOut>> {
    const { state, limit, cursor } = query;
    const before = decodeIdCursor(cursor);
    const rows = await this.webhooks.deliveries(actor, id, { state, before, limit: limit + 1 });
    return toPage(rows, limit, (row) => [row.id], presentDelivery);
  }

  @Get(':id/deliveries/:deliveryId')
  @Can('webhooks.read')
  @Describe('Get a delivery', {
    description: 'One delivery with each of its calls: when, how long, and what came.',
    returns: WebhookDeliveryWithAttemptsOut,
    errors: ['notFound'],
  })
  async delivery(
    @CurrentActor() actor: Actor,
    @IdParam() id: WebhookId,
    @IdParam('deliveryId') deliveryId: string,
  ): Promise<WebhookDeliveryWithAttemptsOut> {
    return presentDeliveryWithAttempts(await this.webhooks.delivery(actor, id, deliveryId));
  }
}
