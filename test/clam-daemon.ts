import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer, type Server, type Socket } from 'node:net';

/** The EICAR test file: harmless, and found by every scanner. Written in two halves, so that this file is not found. */
export const eicar = `${'X5O!P%@AP[4\\PZX54(P^)7CC)7}$'}${'EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*'}`;

/** A ClamAV daemon as far as INSTREAM goes: it knows one signature. */
export class ClamDaemon {
  /** Hangs up on everybody while false. */
  isUp = true;
  /** Sizes of what it was given to scan. */
  readonly scanned: number[] = [];
  private readonly sockets = new Set<Socket>();

  private constructor(
    private readonly server: Server,
    readonly port: number,
  ) {}

  static async start(): Promise<ClamDaemon> {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const daemon = new ClamDaemon(server, (server.address() as AddressInfo).port);
    server.on('connection', (socket) => daemon.answer(socket));
    return daemon;
  }

  async stop(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    this.server.close();
    await once(this.server, 'close');
  }

  private answer(socket: Socket): void {
    this.sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => this.sockets.delete(socket));
    if (!this.isUp) {
      socket.destroy();
      return;
    }
    const command = Buffer.from('zINSTREAM\0');
    const pieces: Buffer[] = [];
    socket.on('data', (bytes: Buffer) => {
      pieces.push(bytes);
      // Only what may end with the empty chunk is put together and read.
      if (bytes.at(-1) !== 0) return;
      const given = Buffer.concat(pieces.splice(0));
      pieces.push(given);
      if (given.length < command.length) return;
      if (!given.subarray(0, command.length).equals(command)) {
        socket.end('UNKNOWN COMMAND\0');
        return;
      }
      const content = chunksIn(given.subarray(command.length));
      if (content === null) return;
      this.scanned.push(content.length);
      socket.end(content.includes(eicar) ? 'stream: Eicar-Test-Signature FOUND\0' : 'stream: OK\0');
    });
  }
}

/** What the chunks hold, or null while the empty one at the end is missing. */
function chunksIn(bytes: Buffer): Buffer | null {
  const chunks: Buffer[] = [];
  for (let at = 0; at + 4 <= bytes.length; ) {
    const length = bytes.readUInt32BE(at);
    if (length === 0) return Buffer.concat(chunks);
    chunks.push(bytes.subarray(at + 4, at + 4 + length));
    at += 4 + length;
  }
  return null;
}
