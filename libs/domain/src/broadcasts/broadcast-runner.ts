import { type Database, nextFeedAt } from '#database';
import type { MediaStorage } from '#storage';
import type { OptOutLinks } from '../opt-outs/opt-out-links.js';
import type { Logger } from '../platform/logger.js';
import { type Turn, WorkLoop } from '../platform/work-loop.js';
import { AudienceWriter } from './audience-writer.js';
import { BroadcastAnswers } from './broadcast-answers.js';
import { BroadcastFeeder } from './broadcast-feeder.js';
import { BroadcastProgress } from './broadcast-progress.js';
import { BroadcastSchedule } from './broadcast-schedule.js';

const TICK_MS = 1_000;

/** Runs broadcasts as long as the worker runs. Several workers may do so at once; each step is kept to one of them. */
export class BroadcastRunner {
  private readonly loops: WorkLoop[];
  private readonly writer: AudienceWriter;

  constructor(parts: { db: Database; log: Logger; links: OptOutLinks; storage: MediaStorage; expiryMs: number }) {
    const { db, log, links, storage, expiryMs } = parts;
    const schedule = new BroadcastSchedule(db);
    this.writer = new AudienceWriter(db, storage);
    const feeder = new BroadcastFeeder(db, links, { expiryMs });
    const progress = new BroadcastProgress(db);
    const answers = new BroadcastAnswers(db);
    const loop = (failed: string, turn: () => Promise<Turn>) =>
      new WorkLoop({ db, log, channel: 'broadcasts', turn, failed });
    this.loops = [
      loop('writing down the recipients of a broadcast failed; it is tried again', () => this.writer.writeOnce()),
      loop('queueing messages of a broadcast failed; it is tried again', async () => {
        if (await feeder.feedOnce()) return 'more';
        const at = await nextFeedAt(db);
        // At least a moment, for what is due may be in other hands.
        return at === null ? 'nothing' : Math.max(50, at.getTime() - Date.now());
      }),
      loop('starting or ending broadcasts failed; it is tried again', async () => {
        const more = [
          await schedule.startOnce(),
          await schedule.failSenderlessOnce(),
          await schedule.tidyOnce(),
          await progress.tellOnce(),
        ];
        return more.includes(true) ? 'more' : TICK_MS;
      }),
      loop('reading answers to broadcasts failed; it is tried again', async () =>
        (await answers.readOnce()) ? 'more' : TICK_MS,
      ),
    ];
  }

  start(): void {
    for (const loop of this.loops) loop.start();
  }

  /** Ends after the transactions under way; what was not done is found by the next worker. */
  async stop(): Promise<void> {
    await Promise.all(this.loops.map((loop) => loop.stop()));
    await this.writer.stop();
  }
}
