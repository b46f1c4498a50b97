import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { MailDeliverer } from '#domain';

/** Sends mails while the worker runs. */
@Injectable()
export class MailHost implements OnApplicationBootstrap, OnApplicationShutdown {
  constructor(private readonly deliverer: MailDeliverer) {}

  onApplicationBootstrap(): void {
    this.deliverer.start();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.deliverer.stop();
  }
}
