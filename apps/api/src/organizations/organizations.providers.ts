import type { Config } from '#config';
import { Database } from '#database';
import { Invitations, LinkMails, MailOutbox, Members, Organizations, PasswordHasher, Roles, SignIn } from '#domain';
import { registrationPolicy } from '../auth/login.providers.js';
import { CONFIG } from '../http/config.js';

/** The parts of the domain behind organizations, members and roles. */
export const organizationProviders = [
  Organizations,
  Members,
  Roles,
  {
    provide: Invitations,
    inject: [Database, MailOutbox, LinkMails, PasswordHasher, SignIn, CONFIG],
    useFactory: (
      db: Database,
      outbox: MailOutbox,
      mails: LinkMails,
      passwords: PasswordHasher,
      signIn: SignIn,
      config: Config,
    ) => new Invitations({ db, outbox, mails, passwords, signIn, policy: registrationPolicy(config) }),
  },
];
