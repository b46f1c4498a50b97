import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { MailRequests } from '#domain';

/** Answers requests for mail while the worker runs. */
@Injectable()
export class MailRequestHost implements OnApplicationBootstrap, OnApplicationShutdown {
  constructor(private readonly requests: MailRequests) {}

  onApplicationBootstrap(): void {
    this.requests.start();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.requests.stop();
  }
}
