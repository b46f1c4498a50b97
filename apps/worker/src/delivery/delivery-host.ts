import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { DeliveryPlanner, OutboundClient, WebhookDeliverer } from '#domain';

/** Runs planner and deliverer of webhooks while the worker runs. */
@Injectable()
export class DeliveryHost implements OnApplicationBootstrap, OnApplicationShutdown {
  constructor(
    private readonly planner: DeliveryPlanner,
    private readonly deliverer: WebhookDeliverer,
    private readonly client: OutboundClient,
  ) {}

  onApplicationBootstrap(): void {
    this.deliverer.start();
    this.planner.start();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.planner.stop();
    await this.deliverer.stop();
    await this.client.close();
  }
}
