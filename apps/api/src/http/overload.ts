import type { OnApplicationShutdown } from '@nestjs/common';
import type { NextFunction, Request, Response } from 'express';
import type { Config } from '#config';
import { errors } from '#contracts';
import type { Database } from '#database';
import type { Logger } from '#domain';
import type { Metrics } from './metrics.js';
import { API_PREFIX } from './route-table.js';

/** What tells that a process has more to do than it can. */
export interface LoadSignals {
  /** How late timers fire, milliseconds. */
  eventLoopDelayMs: number;
  /** How long the caller that waits longest for a database connection has waited. */
  poolWaitMs: number;
  /** Requests under way. */
  inFlight: number;
}

const OBSERVE_EVERY_MS = 100;
/** One long pause (garbage, a large body) is no overload. */
const OBSERVATIONS_TO_ENTER = 2;
/** Longer than to enter, and below half of each limit: a process at its edge would else flap. */
const OBSERVATIONS_TO_LEAVE = 10;
const LEAVE_BELOW = 0.5;
/** Clients come back within this many seconds, not all at once. */
const RETRY_WITHIN_SECONDS = 5;

/** Probes and figures are for finding out about an overload. */
const exempt = new RegExp(`^(?:${API_PREFIX})?/(?:health(?:/ready)?|metrics)/?(?:\\?|$)`);

/**
 * Refuses requests with 503 and Retry-After while the process is too busy, before those under way become slow. What has
 * been let in is finished.
 */
export class Overload implements OnApplicationShutdown {
  isOverloaded = false;
  private inFlight = 0;
  private above = 0;
  private below = 0;
  private observedAt = performance.now();
  private readonly timer: NodeJS.Timeout;

  constructor(
    private readonly limits: Pick<Config['http'], 'overloadDelayMs' | 'overloadPoolWaitMs' | 'maxInFlight'>,
    private readonly db: Database,
    private readonly metrics: Metrics,
    private readonly log: Logger,
  ) {
    this.timer = setInterval(() => this.observe(this.measure()), OBSERVE_EVERY_MS).unref();
  }

  readonly middleware = (request: Request, response: Response, next: NextFunction): void => {
    if (exempt.test(request.url)) {
      next();
    } else if (this.isOverloaded || this.inFlight >= this.limits.maxInFlight) {
      this.metrics.countShed();
      next(errors.overloaded({ retryAfterSeconds: 1 + Math.floor(Math.random() * RETRY_WITHIN_SECONDS) }));
    } else {
      this.inFlight += 1;
      response.once('close', () => {
        this.inFlight -= 1;
      });
      next();
    }
  };

  /** Takes in one observation. Called ten times a second; tests call it with what they want to be so. */
  observe(signals: LoadSignals): void {
    const share = Math.max(
      signals.eventLoopDelayMs / this.limits.overloadDelayMs,
      signals.poolWaitMs / this.limits.overloadPoolWaitMs,
      signals.inFlight / this.limits.maxInFlight,
    );
    this.above = share >= 1 ? this.above + 1 : 0;
    this.below = share < LEAVE_BELOW ? this.below + 1 : 0;
    if (!this.isOverloaded && this.above >= OBSERVATIONS_TO_ENTER) this.turn(true, signals);
    else if (this.isOverloaded && this.below >= OBSERVATIONS_TO_LEAVE) this.turn(false, signals);
  }

  onApplicationShutdown(): void {
    clearInterval(this.timer);
  }

  private turn(isOverloaded: boolean, signals: LoadSignals): void {
    this.isOverloaded = isOverloaded;
    this.metrics.setOverloaded(isOverloaded);
    const line = isOverloaded ? 'too busy: requests are refused' : 'requests are accepted again';
    this.log.warn({ ...signals }, line);
  }

  private measure(): LoadSignals {
    // The timer itself is what is late. (Node's histogram of delays counts nothing when it is late all the time.)
    const now = performance.now();
    const lateMs = now - this.observedAt - OBSERVE_EVERY_MS;
    this.observedAt = now;
    const pools = Object.values(this.db.load);
    return {
      eventLoopDelayMs: Math.max(0, Math.round(lateMs)),
      poolWaitMs: Math.round(Math.max(...pools.map(({ oldestWaitMs }) => oldestWaitMs))),
      inFlight: this.inFlight,
    };
  }
}
