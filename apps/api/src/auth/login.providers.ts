import type { Config } from '#config';
import { Database, Sealer } from '#database';
import { GuessGuard, PasskeyCheck, PasswordHasher, passkeySite, ReAuthentication, SecondFactorCheck } from '#domain';

/** The parts of the domain with which people sign in, as the settings want them. */
export function loginProviders(config: Config) {
  const site = passkeySite(publicUrlOf(config), config.http.corsOrigins);
  return [
    { provide: GuessGuard, inject: [Database], useFactory: (db: Database) => new GuessGuard(db) },
    { provide: SecondFactorCheck, inject: [Sealer], useFactory: (sealer: Sealer) => new SecondFactorCheck(sealer) },
    { provide: PasskeyCheck, inject: [Database], useFactory: (db: Database) => new PasskeyCheck(db, site) },
    {
      provide: ReAuthentication,
      inject: [Database, PasswordHasher, SecondFactorCheck, PasskeyCheck, GuessGuard],
      useFactory: (...parts: ConstructorParameters<typeof ReAuthentication>) => new ReAuthentication(...parts),
    },
  ];
}

/** The address under which people reach the installation, without a slash at its end. */
export function publicUrlOf({ http }: Config): string {
  return (http.publicUrl ?? `http://localhost:${http.port}`).replace(/\/+$/, '');
}
