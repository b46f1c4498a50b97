import { Body, Controller, Delete, Get, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Actor, WebhookId } from '#contracts';
import { WebhookLog, WebhookStatistics } from '#domain';
import { Can } from '../http/access.js';
import type { Page } from '../http/answer.js';
import { CurrentActor } from '../http/current-actor.js';
import { Describe } from '../http/describe.js';
import { IdParam } from '../http/id-param.js';
import { Idempotency, IdempotencyScope, Idempotent } from '../http/idempotency.js';
import { decodeIdCursor, PageQuery, toPage } from '../http/page.js';
import {
  DeliveriesQuery,
  presentDelivery,
  presentOpenedDelivery,
  presentRedelivery,
  RedeliverIn,
  toDeliveryFilters,
  toRedeliveryDraft,
  WebhookDeliveryDetailsOut,
  WebhookDeliveryOut,
  WebhookRedeliveryOut,
} from './webhook-log.dto.js';
import { presentStatistics, toRange, WebhookStatisticsOut, WebhookStatisticsQuery } from './webhook-statistics.dto.js';

/** What webhooks were told, telling it again, and figures of it. */
@ApiTags('Webhooks')
@Controller('webhooks/:id')
export class WebhookLogController {
  constructor(
    private readonly log: WebhookLog,
    private readonly figures: WebhookStatistics,
  ) {}

  @Get('deliveries')
  @Can('webhooks.read')
  @Describe('List deliveries', {
    description: 'What was and is to be posted, newest first. All filters have to fit.',
    returns: [WebhookDeliveryOut],
    page: true,
    errors: ['notFound'],
  })
  async deliveries(
    @CurrentActor() actor: Actor,
    @IdParam() id: WebhookId,
    @Query() query: DeliveriesQuery,
  ): Promise<Page<WebhookDeliveryOut>> {
    const { limit, cursor } = query;
    const before = decodeIdCursor(cursor);
    const rows = await this.log.deliveries(actor, id, { ...toDeliveryFilters(query), before, limit: limit + 1 });
    return toPage(rows, limit, (row) => [row.id], presentDelivery);
  }

  @Get('deliveries/:deliveryId')
  @Can('webhooks.read')
  @Describe('Get a delivery', {
    description:
      'One delivery with each of its calls (when, how long, and what came) and what a call carries. The payload is shown to who may also read events.',
    returns: WebhookDeliveryDetailsOut,
    errors: ['notFound'],
  })
  async delivery(
    @CurrentActor() actor: Actor,
    @IdParam() id: WebhookId,
    @IdParam('deliveryId') deliveryId: string,
  ): Promise<WebhookDeliveryDetailsOut> {
    return presentOpenedDelivery(await this.log.delivery(actor, id, deliveryId));
  }

  @Post('deliveries/:deliveryId/redeliver')
  @Can('webhooks.write')
  @Idempotent()
  @Describe('Deliver again', {
    description:
      'Puts one delivery in line again, whatever became of it, for a new round of up to ten calls under the same `webhook-id`; one that waits for its next call is called now. It goes before what still waits in its conversation; what was delivered in the meantime is not repeated.',
    returns: WebhookDeliveryOut,
    status: 202,
    errors: ['notFound', 'webhookDisabled', 'eventGone'],
  })
  async redeliver(
    @CurrentActor() actor: Actor,
    @IdParam() id: WebhookId,
    @IdParam('deliveryId') deliveryId: string,
    @Idempotency() idempotency: IdempotencyScope,
  ): Promise<WebhookDeliveryOut> {
    const once = idempotency.storing(presentDelivery);
    return presentDelivery(await this.log.redeliver(actor, id, deliveryId, once));
  }

  @Post('redeliveries')
  @Can('webhooks.write')
  @Idempotent()
  @Describe('Deliver a range again', {
    description:
      'Puts all deliveries of a time in line again that ended in one of the states, under their `webhook-id`s and in their order within each conversation. A worker does so in steps; read the progress from the redelivery.',
    returns: WebhookRedeliveryOut,
    status: 202,
    errors: ['notFound', 'webhookDisabled', 'tooManyRedeliveries'],
  })
  async redeliverRange(
    @CurrentActor() actor: Actor,
    @IdParam() id: WebhookId,
    @Body() body: RedeliverIn,
    @Idempotency() idempotency: IdempotencyScope,
  ): Promise<WebhookRedeliveryOut> {
    const once = idempotency.storing(presentRedelivery);
    return presentRedelivery(await this.log.redeliverRange(actor, id, toRedeliveryDraft(body), once));
  }

  @Get('redeliveries')
  @Can('webhooks.read')
  @Describe('List redeliveries', {
    description: 'Newest first.',
    returns: [WebhookRedeliveryOut],
    page: true,
    errors: ['notFound'],
  })
  async redeliveries(
    @CurrentActor() actor: Actor,
    @IdParam() id: WebhookId,
    @Query() { limit, cursor }: PageQuery,
  ): Promise<Page<WebhookRedeliveryOut>> {
    const before = decodeIdCursor(cursor);
    const rows = await this.log.redeliveries(actor, id, { before, limit: limit + 1 });
    return toPage(rows, limit, (row) => [row.id], presentRedelivery);
  }

  @Get('redeliveries/:redeliveryId')
  @Can('webhooks.read')
  @Describe('Get a redelivery', {
    description: 'How far a redelivery has come.',
    returns: WebhookRedeliveryOut,
    errors: ['notFound'],
  })
  async redelivery(
    @CurrentActor() actor: Actor,
    @IdParam() id: WebhookId,
    @IdParam('redeliveryId') redeliveryId: string,
  ): Promise<WebhookRedeliveryOut> {
    return presentRedelivery(await this.log.redelivery(actor, id, redeliveryId));
  }

  @Delete('redeliveries/:redeliveryId')
  @Can('webhooks.write')
  @Describe('Cancel a redelivery', {
    description: 'Ends it where it is. What it has put in line by then is delivered.',
    returns: WebhookRedeliveryOut,
    errors: ['notFound', 'redeliveryFinished'],
  })
  async cancelRedelivery(
    @CurrentActor() actor: Actor,
    @IdParam() id: WebhookId,
    @IdParam('redeliveryId') redeliveryId: string,
  ): Promise<WebhookRedeliveryOut> {
    return presentRedelivery(await this.log.cancelRedelivery(actor, id, redeliveryId));
  }

  @Get('statistics')
  @Can('webhooks.read')
  @Describe('Get statistics of a webhook', {
    description:
      'Counted with each call, for whole hours (UTC): how deliveries ended, how many calls succeeded, and how long calls and deliveries took. Percentiles are right to about a sixth. Kept as long as the log of deliveries.',
    returns: WebhookStatisticsOut,
    errors: ['notFound'],
  })
  async statistics(
    @CurrentActor() actor: Actor,
    @IdParam() id: WebhookId,
    @Query() query: WebhookStatisticsQuery,
  ): Promise<WebhookStatisticsOut> {
    const range = toRange(query);
    return presentStatistics(range, await this.figures.of(actor, id, range));
  }
}
