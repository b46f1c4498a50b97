import type { Provider } from '@nestjs/common';
import type { Config } from '#config';
import { Database, Sealer } from '#database';
import { ConnectionSettings, OutboundClient, ProfileLinker, Profiles, SendPolicies, SessionTransfers } from '#domain';
import { CONFIG } from '../http/config.js';

/** What the controllers of profiles ask for. */
export const profileProviders: Provider[] = [
  Profiles,
  ProfileLinker,
  SendPolicies,
  {
    provide: ConnectionSettings,
    inject: [Database, Sealer, OutboundClient, CONFIG],
    useFactory: (db: Database, sealer: Sealer, outbound: OutboundClient, config: Config) =>
      new ConnectionSettings({ db, sealer, outbound, ...connectionDefaults(config) }),
  },
  {
    provide: SessionTransfers,
    inject: [Database, Sealer],
    useFactory: (db: Database, sealer: Sealer) => new SessionTransfers(db, sealer),
  },
];

function connectionDefaults({ engine, sandbox }: Config) {
  if (!sandbox.url) return { deviceName: engine.deviceName };
  const { hostname, port } = new URL(sandbox.url);
  return { deviceName: engine.deviceName, tryAt: { host: hostname, port: Number(port) } };
}
