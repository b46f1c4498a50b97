import type { BinaryNode, WASocket } from '@whiskeysockets/baileys';
import type { ConnectionObserver } from '../engine.js';
import type { SocketListener } from './live-socket.js';

/** After a refusal WhatsApp is asked at most so often what it is that lasts. */
const askEveryMs = 60_000;
const refused = '463';

/**
 * Hears of time-locks: WhatsApp tells of one (notification `mex`, operation NotificationUserReachoutTimelockUpdate, in
 * Baileys' messages-recv.js), and says until when it lasts when it is asked after a refusal.
 */
export class TimeLocks implements SocketListener {
  private askedAt = Number.NEGATIVE_INFINITY;

  constructor(private readonly observer: Pick<ConnectionObserver, 'timeLockChanged'>) {}

  attach(sock: WASocket): void {
    let isAsking = false;
    sock.ev.on('connection.update', ({ reachoutTimeLock: lock }) => {
      if (!lock) return;
      if (lock.isActive) this.observer.timeLockChanged?.({ until: lock.timeEnforcementEnds ?? null });
      // The answer to a question may deny what refusals go on to show (Baileys#2219); only what is announced lifts.
      else if (!isAsking) this.observer.timeLockChanged?.(null);
    });
    sock.ws.on('CB:ack,class:message', ({ attrs }: BinaryNode) => {
      if (attrs.error !== refused || performance.now() - this.askedAt < askEveryMs) return;
      this.askedAt = performance.now();
      isAsking = true;
      sock
        .fetchAccountReachoutTimelock()
        .catch(() => undefined)
        .finally(() => {
          isAsking = false;
        });
    });
  }
}
