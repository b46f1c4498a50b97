import { isIP } from 'node:net';
import { createTransport, type SendMailOptions, type Transporter } from 'nodemailer';
import type { OutboundClient } from '../../outbound/outbound-client.js';
import { toOutboundFailure } from '../../outbound/outbound-failure.js';

/** A mail server with all that is needed to use it. */
export interface SmtpAccess {
  host: string;
  port: number;
  secure: boolean;
  user?: string;
  pass?: string;
  from: string;
  /** The address came from a user: only what the outbound guard allows is dialled. */
  guarded: boolean;
  /** Nothing is said to a server that offers no TLS. */
  demandTls: boolean;
}

/** The mail server, or the way to it, said no. The message is a sentence for who set it. */
export class SmtpRefused extends Error {
  constructor(
    message: string,
    /** Another try cannot go better: the server will not take this mail. */
    readonly isFinal: boolean,
    cause: unknown,
  ) {
    super(message, { cause });
    this.name = 'SmtpRefused';
  }
}

const timeouts = { connectionTimeout: 10_000, greetingTimeout: 10_000, socketTimeout: 20_000, dnsTimeout: 5_000 };

/** Hands one mail over. @throws SmtpRefused */
export async function sendBySmtp(
  access: SmtpAccess,
  outbound: OutboundClient,
  mail: Pick<SendMailOptions, 'to' | 'subject' | 'text' | 'messageId' | 'headers'>,
): Promise<void> {
  await withTransport(access, outbound, (transport) => transport.sendMail({ from: access.from, ...mail }));
}

/** Connects, logs in, and sends a line when an address is given. @throws SmtpRefused */
export async function trySmtp(access: SmtpAccess, outbound: OutboundClient, sendTo?: string): Promise<void> {
  await withTransport(access, outbound, async (transport) => {
    await transport.verify();
    if (sendTo === undefined) return;
    const text = 'This mail was sent to test the mail settings of Waypost. Nothing needs to be done.';
    await transport.sendMail({ from: access.from, to: sendTo, subject: 'Waypost: mail works', text });
  });
}

async function withTransport(
  access: SmtpAccess,
  outbound: OutboundClient,
  use: (transport: Transporter) => Promise<unknown>,
): Promise<void> {
  let transport: Transporter | undefined;
  try {
    transport = createTransport({
      // The address that was checked is the one that is dialled; the certificate is held against the name.
      host: access.guarded ? await outbound.allowedAddress(access.host) : access.host,
      port: access.port,
      secure: access.secure,
      requireTLS: access.demandTls && !access.secure,
      auth: access.user === undefined ? undefined : { user: access.user, pass: access.pass ?? '' },
      tls: isIP(access.host) ? {} : { servername: access.host },
      // Mails are ours from start to end; nothing in them may make the server read files or open addresses.
      disableFileAccess: true,
      disableUrlAccess: true,
      ...timeouts,
    });
    await use(transport);
  } catch (error) {
    throw refused(error);
  } finally {
    transport?.close();
  }
}

/** RFC 5321 §4.2.1: 4yz may go better later, 5yz will not. */
function refused(error: unknown): SmtpRefused {
  const { code, originalCode, responseCode, response } = error as SmtpError;
  if (code === 'EAUTH') {
    return new SmtpRefused('The mail server did not accept user and password.', false, error);
  }
  if (code === 'ETLS') return new SmtpRefused('The mail server offers no TLS.', false, error);
  if (responseCode !== undefined && response !== undefined) {
    return new SmtpRefused(`The mail server refused: ${response.slice(0, 300)}`, responseCode >= 500, error);
  }
  const failure = toOutboundFailure(originalCode === undefined ? error : { code: originalCode });
  return new SmtpRefused(failure.message, false, error);
}

/** nodemailer puts its own code over that of the socket, which it keeps in `originalCode`. */
interface SmtpError {
  code?: string;
  originalCode?: string;
  responseCode?: number;
  response?: string;
}
