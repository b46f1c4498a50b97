import { randomBytes } from 'node:crypto';
import { newId } from '#contracts';
import {
  type Database,
  findUserForLogin,
  insertEmailToken,
  insertMailRequest,
  listMailRequests,
  type MailRequestRow,
  newestRegistrationOf,
  setRegistrationToken,
  type Tx,
  takeMailRequest,
  type UserRow,
} from '#database';
import { recordAudit } from '../platform/audit-trail.js';
import type { Logger } from '../platform/logger.js';
import type { MailDraft, MailOutbox } from '../platform/mail/mail-outbox.js';
import { type Turn, WorkLoop } from '../platform/work-loop.js';
import { hashSecret } from './api-key-format.js';
import type { ClientInfo } from './client-info.js';
import type { GuessGuard } from './guess-guard.js';
import { EMAIL_LINK_HOURS, type LinkMails } from './link-mails.js';

const atOnce = 20;

/**
 * Notes that somebody gave an address and asked for mail to it. This is all that happens before the answer, for known and
 * unknown addresses alike; the worker does the rest.
 */
export async function queueMailRequest(
  tx: Tx,
  request: Pick<MailRequestRow, 'purpose' | 'email'> & { registrationId?: string },
  client: Pick<ClientInfo, 'ipAddress'>,
): Promise<void> {
  const id = newId<string>();
  await insertMailRequest(tx, { registrationId: null, ...request, id, ipAddress: client.ipAddress });
  tx.wake('mailRequests', id);
}

/** Does what mail requests ask for: makes the link and queues the mail, where there is somebody to mail to. */
export class MailRequests {
  private readonly loop: WorkLoop;

  constructor(
    private readonly parts: { db: Database; outbox: MailOutbox; mails: LinkMails; guesses: GuessGuard; log: Logger },
  ) {
    this.loop = new WorkLoop({
      db: parts.db,
      log: parts.log,
      channel: 'mailRequests',
      turn: () => this.turn(),
      failed: 'requests for mail were not read; it is tried again',
    });
  }

  start(): void {
    this.loop.start();
  }

  /** Takes nothing more and waits for what is under way. */
  stop(): Promise<void> {
    return this.loop.stop();
  }

  private async turn(): Promise<Turn> {
    const requests = await listMailRequests(this.parts.db, atOnce);
    let failures = 0;
    // One that cannot be answered must not hold up the others; it is tried again, and swept after a day.
    for (const request of requests) if (!(await this.tryToAnswer(request))) failures += 1;
    if (failures > 0) return 'retry';
    return requests.length < atOnce ? 'nothing' : 'more';
  }

  private async tryToAnswer(request: MailRequestRow): Promise<boolean> {
    try {
      await this.answer(request);
      return true;
    } catch (error) {
      this.parts.log.warn({ err: error, request: request.id }, 'a request for mail was not answered');
      return false;
    }
  }

  private async answer(request: MailRequestRow): Promise<void> {
    const { db, guesses } = this.parts;
    const queue = (await guesses.mayMail(request.email)) ? await this.mailFor(request) : null;
    // Link, mail and the end of the request are one transaction: it is done once, or again.
    await db.system(async (tx) => {
      if (await takeMailRequest(tx, request.id)) await queue?.(tx);
    });
  }

  /** What there is to do, or null when there is nobody to mail to. */
  private async mailFor(request: MailRequestRow): Promise<((tx: Tx) => Promise<void>) | null> {
    const { db, mails } = this.parts;
    const user = (await findUserForLogin(db, request.email))?.user ?? null;
    if (user !== null && !user.isActive) return null;
    switch (request.purpose) {
      case 'reset_password':
        return user === null ? null : this.link(user, request, 'reset_password', mails.resetPassword);
      case 'verify_email':
        return user === null
          ? this.registration(request.email, null)
          : this.link(user, request, 'verify_email', mails.verifyEmail);
      case 'register':
        if (user === null) return this.registration(request.email, request.registrationId);
        return (await this.prepare(mails.alreadyRegistered(user))).queue;
    }
  }

  private async link(
    user: UserRow,
    request: MailRequestRow,
    purpose: 'reset_password' | 'verify_email',
    write: (user: UserRow, token: string) => MailDraft,
  ): Promise<(tx: Tx) => Promise<void>> {
    const { token, tokenHash } = newEmailToken();
    const mail = await this.prepare(write(user, token));
    const expiresAt = new Date(Date.now() + EMAIL_LINK_HOURS[purpose] * 3600_000);
    return async (tx) => {
      const { id: userId, organizationId, email } = user;
      await insertEmailToken(tx, { id: newId(), organizationId, userId, purpose, email, tokenHash, expiresAt });
      await mail.queue(tx);
      if (purpose !== 'reset_password') return;
      const origin = request.ipAddress === null ? {} : { ip: request.ipAddress };
      await recordAudit(
        tx,
        { kind: 'anonymous', organizationId, origin },
        { action: 'auth.password_reset_request', resource: { type: 'user', id: userId, name: email } },
      );
    };
  }

  /** The link of a registration; the newest of the address when none is named. */
  private async registration(email: string, id: string | null): Promise<((tx: Tx) => Promise<void>) | null> {
    const pending = await newestRegistrationOf(this.parts.db, email);
    const registrationId = id ?? pending?.id ?? null;
    if (registrationId === null) return null;
    const { token, tokenHash } = newEmailToken();
    const mail = await this.prepare(this.parts.mails.finishRegistration(email, token));
    return async (tx) => {
      if (await setRegistrationToken(tx, registrationId, tokenHash)) await mail.queue(tx);
    };
  }

  private prepare(draft: MailDraft) {
    return this.parts.outbox.prepare(draft);
  }
}

/** A token for a link, and what is kept of it. */
export function newEmailToken(): { token: string; tokenHash: Buffer } {
  const token = randomBytes(32).toString('base64url');
  return { token, tokenHash: hashSecret(token) };
}
