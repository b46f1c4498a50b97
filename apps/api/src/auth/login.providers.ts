import { type Config, InvalidSetting, publicUrlOf } from '#config';
import type { Database, Sealer } from '#database';
import {
  AccessTokens,
  DeviceTokens,
  EmailLinks,
  GuessGuard,
  LinkMails,
  type Logger,
  LoginChallenges,
  LoginOverviews,
  Logins,
  MailOutbox,
  OidcLogins,
  OidcProvider,
  PasskeyCheck,
  Passkeys,
  PasswordChanges,
  PasswordHasher,
  passkeySite,
  ReAuthentication,
  Registrar,
  type RegistrationPolicy,
  SecondFactorCheck,
  SecurityNotices,
  Sessions,
  SignIn,
  TwoFactor,
  UserPreferences,
} from '#domain';

/** The parts of the domain with which people sign in, as the settings want them. They stand on the database alone. */
export function loginProviders(config: Config, db: Database, sealer: Sealer, log: Logger) {
  const publicUrl = publicUrlOf(config);
  const site = passkeySite(publicUrl, config.http.corsOrigins);
  const policy = registrationPolicy(config);
  const outbox = new MailOutbox(sealer);
  const mails = new LinkMails(publicUrl);
  const notices = new SecurityNotices(db, outbox, mails);
  const guesses = new GuessGuard(db);
  const codes = new SecondFactorCheck(sealer);
  const passkeys = new PasskeyCheck(db, site);
  const devices = new DeviceTokens(config.auth.jwtSecret);
  const tokens = new AccessTokens(config.auth.jwtSecret, config.auth.accessTokenSeconds);
  const sessions = new Sessions(db, sealer, tokens, config.auth.refreshTokenDays);
  const passwords = new PasswordHasher();
  const signIn = new SignIn(sessions, devices);
  const reauthentication = new ReAuthentication(db, passwords, codes, passkeys, guesses);
  const challenges = new LoginChallenges({ db, signIn, codes, passkeys, guesses, devices });
  const provider = oidcProvider(config);
  const admission = oidcAdmission(config);

  const given = <T>(provide: new (...parts: never[]) => T, useValue: T) => ({ provide, useValue });
  return [
    given(AccessTokens, tokens),
    given(GuessGuard, guesses),
    given(Sessions, sessions),
    given(SignIn, signIn),
    given(MailOutbox, outbox),
    given(LinkMails, mails),
    given(SecurityNotices, notices),
    given(ReAuthentication, reauthentication),
    given(LoginChallenges, challenges),
    given(LoginOverviews, new LoginOverviews(db)),
    given(UserPreferences, new UserPreferences(db)),
    given(Registrar, new Registrar({ db, passwords, signIn, guesses, policy })),
    given(Logins, new Logins({ db, passwords, signIn, challenges, passkeys, guesses, devices, policy, log })),
    given(EmailLinks, new EmailLinks({ db, outbox, mails, passwords, guesses, devices, reauthentication })),
    given(PasswordChanges, new PasswordChanges({ db, passwords, reauthentication, sessions, notices })),
    given(TwoFactor, new TwoFactor({ db, sealer, reauthentication, guesses, notices })),
    given(Passkeys, new Passkeys({ db, site, reauthentication, notices })),
    given(OidcLogins, new OidcLogins({ db, provider, admission, signIn, challenges, reauthentication })),
    {
      provide: PasswordHasher,
      useFactory: async () => {
        await passwords.prepare();
        return passwords;
      },
    },
  ];
}

export function registrationPolicy({ auth }: Config): RegistrationPolicy {
  return { mode: auth.registration, needsVerifiedEmail: auth.emailVerification === 'required' };
}

function oidcProvider(config: Config): OidcProvider | null {
  const { issuer, clientId, clientSecret, scopes } = config.oidc;
  if (issuer === undefined) return null;
  const redirectUri = `${publicUrlOf(config)}/api/v1/auth/oidc/callback`;
  const { allowedRanges } = config.outbound;
  return new OidcProvider({ issuer, clientId, clientSecret, scopes, redirectUri, allowedRanges });
}

function oidcAdmission({ oidc }: Config) {
  const { linkByEmail, createUsers, organization, role } = oidc;
  if (createUsers && organization === undefined) {
    throw new InvalidSetting(
      'OIDC_CREATE_USERS',
      'needs OIDC_ORGANIZATION: the slug of the organization of new accounts.',
    );
  }
  const createIn = createUsers && organization !== undefined ? { organizationSlug: organization, role } : null;
  return { linkByEmail, createIn };
}
