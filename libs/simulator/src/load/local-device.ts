import type { BinaryNode } from '../baileys.js';
import type { Account } from '../network/account.js';
import { Companion } from '../network/companion.js';
import { CompanionKeys } from '../network/keys.js';
import { SignalDevice } from '../people/signal-device.js';
import type { Random } from '../time/random.js';
import { LightDevice, type LightEvents } from './light-device.js';
import { LocalConnection } from './local-connection.js';

/** One set of keys for all of them: nobody ever decrypts with them. */
const sharedKeys = new SignalDevice();

/** Links a new device to an account without a client that would ask for it. */
export function makeLightCompanion(account: Account): Companion {
  const { registrationId, identity, signedPreKey } = sharedKeys.takeBundle();
  const number = account.nextDevice++;
  const signedIdentity = Buffer.alloc(0);
  const keys = new CompanionKeys(registrationId, identity, signedPreKey, signedIdentity);
  const companion = new Companion(account, { number, noiseKey: Buffer.alloc(0), signedIdentity }, keys);
  companion.needsBootstrap = false;
  account.devices.set(number, companion);
  return companion;
}

/** A light device inside the simulator, for runs that are to be repeated: it connects without a socket. */
export class LocalDevice {
  readonly light: LightDevice;
  private readonly latency: Random;
  private connection?: LocalConnection;

  constructor(
    readonly companion: Companion,
    private readonly open: (companion: Companion, connection: LocalConnection) => void,
    private readonly onStanza: (label: string, direction: 'in' | 'out', node: BinaryNode) => void,
    events: LightEvents = {},
  ) {
    const { account, number } = companion;
    const send = (node: BinaryNode): void => this.connection?.sendFromClient(node);
    const random = account.world.random.fork(`light/${account.number}:${number}`);
    this.latency = random.fork('latency');
    this.light = new LightDevice(account.number, account.lid, { send }, random, events);
  }

  get isConnected(): boolean {
    return this.connection?.isOpen ?? false;
  }

  connect(): void {
    if (this.isConnected) return;
    const connection: LocalConnection = new LocalConnection(
      this.companion.account.world.clock,
      this.latency,
      {
        take: (node) => {
          if (this.connection === connection) this.light.take(node);
        },
        closed: () => {
          if (this.connection === connection) this.connection = undefined;
        },
      },
      this.onStanza,
    );
    this.connection = connection;
    this.open(this.companion, connection);
  }

  disconnect(): void {
    this.connection?.cut();
  }
}
