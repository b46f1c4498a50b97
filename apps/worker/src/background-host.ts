import type { OnApplicationBootstrap, OnApplicationShutdown } from '@nestjs/common';

/** Work that goes on by itself between `start` and `stop`. */
export interface BackgroundWork {
  start(): void;
  /** Takes nothing more and waits for what is under way. */
  stop(): Promise<void>;
}

/** Runs background work while the worker runs. */
export class BackgroundHost implements OnApplicationBootstrap, OnApplicationShutdown {
  constructor(private readonly works: readonly BackgroundWork[]) {}

  onApplicationBootstrap(): void {
    for (const work of this.works) work.start();
  }

  async onApplicationShutdown(): Promise<void> {
    await Promise.all(this.works.map((work) => work.stop()));
  }
}
