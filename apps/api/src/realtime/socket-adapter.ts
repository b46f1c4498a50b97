import type { NestExpressApplication } from '@nestjs/platform-express';
import { IoAdapter } from '@nestjs/platform-socket.io';
import type { Server, ServerOptions } from 'socket.io';
import { originsOf } from '../http/configure-http.js';

/** Largest message that a client may send, bytes: they only ever subscribe. */
const largestMessageBytes = 20_000;
/** A connection that has not joined the namespace by then is closed. */
const joinWithinMs = 10_000;

/**
 * Socket.IO on the api's own HTTP server. Browsers of other origins may connect when CORS_ORIGINS names them; the
 * credentials are in the handshake and not in cookies, so another origin gains nothing from a visitor's login.
 */
export class SocketAdapter extends IoAdapter {
  constructor(
    app: NestExpressApplication,
    private readonly corsOrigins: string[],
  ) {
    super(app);
  }

  override createIOServer(port: number, options?: ServerOptions): Server {
    return super.createIOServer(port, {
      ...options,
      ...(this.corsOrigins.length > 0 ? { cors: { origin: originsOf(this.corsOrigins) } } : {}),
      serveClient: false,
      maxHttpBufferSize: largestMessageBytes,
      connectTimeout: joinWithinMs,
    } as ServerOptions);
  }
}
