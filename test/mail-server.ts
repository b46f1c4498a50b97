import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { SMTPServer } from 'smtp-server';

export interface ReceivedMail {
  to: string[];
  /** Headers and body as they came. */
  raw: string;
  user: string | undefined;
}

/** A mail server without TLS on this machine that keeps what it gets. Its one user is `mailer` with password `secret`. */
export class MailServer {
  readonly received: ReceivedMail[] = [];
  /** Set to refuse recipients: an SMTP code such as 451 or 550. */
  refuseWith: number | undefined;
  private readonly server: SMTPServer;

  private constructor() {
    this.server = new SMTPServer({
      authOptional: true,
      allowInsecureAuth: true,
      disabledCommands: ['STARTTLS'],
      logger: false,
      onAuth: ({ username, password }, _session, done) =>
        username === 'mailer' && password === 'secret'
          ? done(null, { user: username })
          : done(new Error('wrong user or password')),
      onRcptTo: (_address, _session, done) => {
        const code = this.refuseWith;
        done(code === undefined ? null : Object.assign(new Error('no such mailbox here'), { responseCode: code }));
      },
      onData: (stream, session, done) => {
        void buffer(stream).then((bytes) => {
          const to = session.envelope.rcptTo.map(({ address }) => address);
          this.received.push({ to, raw: bytes.toString(), user: session.user });
          done();
        });
      },
    });
  }

  static async start(): Promise<MailServer> {
    const made = new MailServer();
    await new Promise<void>((resolve) => made.server.listen(0, '127.0.0.1', resolve));
    return made;
  }

  get port(): number {
    return (this.server.server.address() as AddressInfo).port;
  }

  to(address: string): ReceivedMail[] {
    return this.received.filter((mail) => mail.to.includes(address));
  }

  stop(): Promise<void> {
    return new Promise((resolve) => this.server.close(resolve));
  }
}
