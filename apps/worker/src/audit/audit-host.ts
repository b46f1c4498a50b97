import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { AuditSealer } from '#domain';

/** Seals audit entries while the worker runs. */
@Injectable()
export class AuditHost implements OnApplicationBootstrap, OnApplicationShutdown {
  constructor(private readonly sealer: AuditSealer) {}

  onApplicationBootstrap(): void {
    this.sealer.start();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.sealer.stop();
  }
}
