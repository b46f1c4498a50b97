import type { WASocket } from '@whiskeysockets/baileys';
import { pingEveryMs } from './health/keep-alive.js';
import { monotonic } from './health/monotonic.js';

export interface WatchdogLimits {
  checkEveryMs: number;
  /** Longest until the server says its first word. */
  answerMs: number;
  /** Longest from opening the socket to the end of the login. */
  loginMs: number;
  /** Longest silence of the server: a ping, its answer, and a margin. */
  silenceMs: number;
  /** Longest wait for the other side's part in closing. */
  closingMs: number;
}

const defaultLimits: WatchdogLimits = {
  checkEveryMs: 2_000,
  answerMs: 20_000,
  loginMs: 60_000,
  silenceMs: pingEveryMs + 15_000,
  closingMs: 3_000,
};

/**
 * Ends sockets that only look alive: a server that does not answer, a login that does not come to an end, silence, a close
 * that the other side does not confirm (the library would wait half a minute for it).
 */
export class Watchdog {
  private readonly timer: NodeJS.Timeout;
  private readonly startedAt = monotonic();
  private lastFrameAt = monotonic();
  private hasAnswered = false;
  private closingSince: number | null = null;
  private loggedIn = false;

  constructor(
    private readonly sock: WASocket,
    private readonly giveUp: (reason: string) => void,
    private readonly limits: WatchdogLimits = defaultLimits,
  ) {
    this.timer = setInterval(() => this.check(), limits.checkEveryMs);
    this.timer.unref();
  }

  frameArrived(): void {
    this.hasAnswered = true;
    this.lastFrameAt = monotonic();
  }

  /** The login is complete, or a person is being waited for. */
  loginEnded(): void {
    this.loggedIn = true;
  }

  stop(): void {
    clearInterval(this.timer);
  }

  private check(): void {
    const now = monotonic();
    if (this.sock.ws.isClosing) {
      this.closingSince ??= now;
      if (now - this.closingSince > this.limits.closingMs) terminate(this.sock);
      return;
    }
    if (!this.hasAnswered && now - this.startedAt > this.limits.answerMs) this.giveUp('the server does not answer');
    else if (!this.loggedIn && now - this.startedAt > this.limits.loginMs) this.giveUp('the login did not end');
    else if (now - this.lastFrameAt > this.limits.silenceMs) this.giveUp('the server is silent');
  }
}

/** Ends the TCP connection without the closing handshake. */
export function terminate(sock: WASocket): void {
  (sock.ws as unknown as { socket?: { terminate(): void } | null }).socket?.terminate();
}
