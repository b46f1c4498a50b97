import type { LaggingStream } from '#database';
import type { TurnResult, TurnStream } from './direct-turn.js';
import { StreamWindow } from './direct-window.js';

/** Streams from which is read in one turn. */
const streamsAtOnce = 32;
/** Deliveries in memory, of one stream and of all; backlogs leave some room to what is new. */
const mostOfStream = 128;
const mostInMemory = 512;
const mostForBacklogs = 384;
/** Events that are read of a stream at least. */
const leastAtOnce = 8;
/**
 * A stream without an endpoint that works is read in so small portions, so long apart: what waits for it waits in the log
 * as well as in the queue, and writing its backlog down must not take the time of others.
 */
const portionForNobody = 32;
const pauseForNobodyMs = 1000;

/** The streams that a worker holds, and those that it would like to. */
export class DirectStreams {
  private readonly held = new Map<string, StreamWindow>();
  /** Where to begin in streams that are behind, longest waiting first. */
  private readonly fresh = new Map<string, number>();
  private readonly backlog = new Map<string, number>();
  /** Streams without an endpoint that works, and when they are read again. */
  private readonly restUntil = new Map<string, number>();

  get isIdle(): boolean {
    return this.held.size === 0;
  }

  get hasNews(): boolean {
    return this.fresh.size > 0 || this.backlog.size > 0;
  }

  get inMemory(): number {
    let size = 0;
    for (const window of this.held.values()) size += window.size;
    return size;
  }

  get hasRoom(): boolean {
    return this.inMemory < mostForBacklogs;
  }

  isHeld(window: StreamWindow): boolean {
    return this.held.get(window.streamId) === window;
  }

  /** @returns whether it is held */
  expect(streamId: string): boolean {
    const window = this.held.get(streamId);
    if (window && !this.backlog.has(streamId)) this.fresh.set(streamId, window.readTo);
    return window !== undefined;
  }

  follow(lagging: LaggingStream[], age: 'new' | 'old'): void {
    for (const { streamId, after } of lagging) {
      if (this.fresh.has(streamId) || this.backlog.has(streamId)) continue;
      (age === 'new' ? this.fresh : this.backlog).set(streamId, after);
    }
  }

  /**
   * Those that were asked for, those to be prolonged, and those from which there is something to read.
   * @param prolongedBefore held ones that were last prolonged before then take part
   */
  forTurn(asked: ReadonlySet<StreamWindow>, prolongedBefore: number, isLast: boolean): TurnStream[] {
    const streams = new Map<string, TurnStream>();
    const now = performance.now();
    for (const [streamId, until] of this.restUntil) if (until <= now) this.restUntil.delete(streamId);
    const inMemory = this.inMemory;
    let room = isLast ? 0 : mostInMemory - inMemory;
    room -= this.pick(this.fresh, room, streams);
    room -= this.pick(this.backlog, room - (mostInMemory - mostForBacklogs), streams);
    for (const window of this.held.values()) {
      if (streams.has(window.streamId)) continue;
      if (!asked.has(window) && window.heldSince > prolongedBefore) continue;
      // Whether there is more is seen on the way, so that a stream of which nothing is left can be given back.
      const most = this.restUntil.has(window.streamId) ? 0 : Math.max(0, Math.min(roomOf(window), room));
      room -= most;
      streams.set(window.streamId, { window, isHeld: true, most });
    }
    return [...streams.values()];
  }

  /** The turn did not happen. */
  takeBack(streams: TurnStream[]): void {
    for (const { window, most } of streams) {
      if (most > 0 && !this.backlog.has(window.streamId)) this.fresh.set(window.streamId, window.readTo);
    }
  }

  applied(asked: TurnStream[], { ours, lost }: TurnResult, heldUntil: number, heldSince: number): void {
    for (const { window, most, readTo, isKept, hasMore } of ours) {
      window.readTo = readTo;
      if (window.appetite === 0 && most > 0) this.restUntil.set(window.streamId, heldSince + pauseForNobodyMs);
      if (isKept) {
        Object.assign(window, { heldUntil, heldSince });
        this.held.set(window.streamId, window);
        if (hasMore && !this.fresh.has(window.streamId)) this.backlog.set(window.streamId, readTo);
      } else {
        this.held.delete(window.streamId);
        // It was not seen whether there is more.
        if (most === 0 && !this.fresh.has(window.streamId)) this.backlog.set(window.streamId, readTo);
      }
    }
    for (const window of lost) this.held.delete(window.streamId);
    // One that was locked for the moment is tried again.
    const seen = new Set([...ours.map(({ window }) => window), ...lost]);
    for (const { window, isHeld, most } of asked) {
      if (isHeld && most > 0 && !seen.has(window)) this.backlog.set(window.streamId, window.readTo);
    }
  }

  /** Takes the first of those that are behind, as long as there is room in memory. @returns how much of it */
  private pick(from: Map<string, number>, room: number, into: Map<string, TurnStream>): number {
    const each = Math.max(leastAtOnce, Math.floor(room / Math.max(1, Math.min(from.size, streamsAtOnce))));
    let left = room;
    let picked = 0;
    for (const [streamId, after] of from) {
      if (picked >= streamsAtOnce || left <= 0) break;
      if (this.restUntil.has(streamId)) continue;
      const window = this.held.get(streamId) ?? new StreamWindow(streamId, after);
      const most = Math.min(each, roomOf(window));
      if (most <= 0) continue;
      from.delete(streamId);
      left -= most;
      picked++;
      if (!into.has(streamId)) into.set(streamId, { window, isHeld: this.held.has(streamId), most });
    }
    return room - left;
  }
}

function roomOf({ appetite, size }: StreamWindow): number {
  return (appetite === 0 ? portionForNobody : Math.min(mostOfStream, appetite)) - size;
}
