import { io, type Socket } from 'socket.io-client';

/** What a Socket.IO client hears about one profile. */
export class LiveEvents {
  private constructor(private readonly socket: Socket) {}

  static async subscribe(url: string, apiKey: string, profileId: string): Promise<LiveEvents> {
    const socket = io(`${url}/ws`, { auth: { apiKey }, transports: ['websocket'] });
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve);
      socket.once('connect_error', (problem) => reject(new Error(`The socket was refused: ${problem.message}`)));
    });
    const answer = await socket.timeout(10_000).emitWithAck('subscribe:profile', { profileId, raw: true });
    if (!answer.success) throw new Error(`The subscription was refused: ${answer.error.message}`);
    return new LiveEvents(socket);
  }

  /**
   * The next message of this name that fits.
   * @throws when none comes in time
   */
  next<T>(name: string, fits: (payload: T) => boolean, timeoutMs = 30_000): Promise<T> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.socket.off(name, look);
        reject(new Error(`No ${name} that fits came over the socket within ${timeoutMs / 1000} s.`));
      }, timeoutMs);
      const look = (payload: T) => {
        if (!fits(payload)) return;
        clearTimeout(timer);
        this.socket.off(name, look);
        resolve(payload);
      };
      this.socket.on(name, look);
    });
  }

  on<T>(name: string, handler: (payload: T) => void): void {
    this.socket.on(name, handler);
  }

  close(): void {
    this.socket.disconnect();
  }
}
