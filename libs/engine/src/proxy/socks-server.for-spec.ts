import { connect, createServer, type Server, type Socket } from 'node:net';

/** A SOCKS5 proxy with user name and password (RFC 1928, RFC 1929), for tests: connects, counts, resolves names itself. */
export class SocksServer {
  readonly targets: string[] = [];
  private readonly sockets = new Set<Socket>();

  private constructor(
    private readonly server: Server,
    private readonly expected: { user: string; password: string },
    private readonly names: Record<string, string>,
  ) {}

  static async start(
    expected: { user: string; password: string },
    names: Record<string, string>,
  ): Promise<SocksServer> {
    const server = createServer();
    const socks = new SocksServer(server, expected, names);
    server.on('connection', (socket) => {
      socks.sockets.add(socket);
      socket.on('error', () => undefined).on('close', () => socks.sockets.delete(socket));
      socks.serve(socket).catch(() => socket.destroy());
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return socks;
  }

  get port(): number {
    return (this.server.address() as { port: number }).port;
  }

  async stop(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async serve(client: Socket): Promise<void> {
    const read = reader(client);
    const [, methods] = await read(2);
    await read(methods!);
    client.write(Buffer.from([5, 2]));
    const [, userLength] = await read(2);
    const user = (await read(userLength!)).toString();
    const password = (await read((await read(1))[0]!)).toString();
    const isRight = user === this.expected.user && password === this.expected.password;
    client.write(Buffer.from([1, isRight ? 0 : 1]));
    if (!isRight) return void client.end();
    const [, , , type] = await read(4);
    const host = type === 1 ? [...(await read(4))].join('.') : (await read((await read(1))[0]!)).toString();
    const port = (await read(2)).readUInt16BE();
    this.targets.push(`${host}:${port}`);
    const target = connect(port, this.names[host] ?? host);
    target.on('error', () => client.destroy());
    await new Promise((resolve) => target.once('connect', resolve));
    client.write(Buffer.from([5, 0, 0, 1, 127, 0, 0, 1, 0, 0]));
    client.pipe(target).pipe(client);
  }
}

/** Reads exactly so many bytes, and puts the rest back for whoever comes after. */
function reader(socket: Socket): (count: number) => Promise<Buffer> {
  return async (count) => {
    if (count === 0) return Buffer.alloc(0);
    for (;;) {
      const bytes = socket.read(count) as Buffer | null;
      if (bytes) return bytes;
      await new Promise((resolve) => socket.once('readable', resolve));
    }
  };
}
