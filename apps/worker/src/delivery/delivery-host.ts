import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { DeliveryPlanner, OutboundClient, WebhookDeliverer, WebhookRedeliverer } from '#domain';

/** Runs planner, redeliverer and deliverer of webhooks while the worker runs. */
@Injectable()
export class DeliveryHost implements OnApplicationBootstrap, OnApplicationShutdown {
  constructor(
    private readonly planner: DeliveryPlanner,
    private readonly redeliverer: WebhookRedeliverer,
    private readonly deliverer: WebhookDeliverer,
    private readonly client: OutboundClient,
  ) {}

  onApplicationBootstrap(): void {
    this.deliverer.start();
    this.planner.start();
    this.redeliverer.start();
  }

  async onApplicationShutdown(): Promise<void> {
    await Promise.all([this.planner.stop(), this.redeliverer.stop()]);
    await this.deliverer.stop();
    await this.client.close();
  }
}
