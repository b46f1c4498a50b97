import { setTimeout as sleep } from 'node:timers/promises';
import { Agent, request } from 'undici';
import { errors, type ProfileId } from '#contracts';
import { type Database, findOwnerAddress } from '#database';
import { type Abilities, type AbilityName, abilityMethods, type ChatAddress, type MessageTarget } from '#engine';
import type { ConnectionHealth } from './connection-health.js';
import {
  type EngineCallName,
  type EngineCalls,
  engineCallPath,
  engineRefusals,
  PAIRING_READY_MS,
} from './engine-calls.js';
import { pack, unpack } from './plain-values.js';

/** How long each call may take, besides finding the owner. */
const timeoutMs: Record<EngineCallName, number> = {
  'pairing-code': PAIRING_READY_MS + 10_000,
  read: 10_000,
  ability: 45_000,
  typing: 5_000,
  restart: 5_000,
  health: 2_000,
};
/** How long a pairing code waits for an engine to take the profile. */
const OWNER_WAIT_MS = 10_000;
const OWNER_POLL_MS = 200;

/**
 * Asks the engine process that holds a profile for what must be asked live. It is found by the lease, and asked over
 * HTTP with the shared secret. The caller has checked that the actor may.
 */
export class EngineGateway {
  private readonly agent = new Agent({ keepAliveTimeout: 30_000, connections: 64, connect: { timeout: 2_000 } });

  constructor(
    private readonly db: Database,
    private readonly options: { internalSecret: string },
  ) {}

  /**
   * A code to type into WhatsApp on the phone with this number. Waits for an owner and for WhatsApp to be ready.
   * @throws errors.profileAlreadyLinked, profileNotPairing, engineUnavailable
   */
  async requestPairingCode(profileId: ProfileId, phone: string): Promise<string> {
    const until = Date.now() + OWNER_WAIT_MS;
    while ((await findOwnerAddress(this.db, profileId)) === null && Date.now() < until) await sleep(OWNER_POLL_MS);
    return (await this.ask(profileId, 'pairing-code', { phone })).code;
  }

  /** @throws errors.profileNotConnected, engineUnavailable */
  async markRead(
    profileId: ProfileId,
    chat: ChatAddress,
    messages: Pick<MessageTarget, 'waMessageId' | 'author'>[],
  ): Promise<void> {
    await this.ask(profileId, 'read', { chat, messages });
  }

  /** @throws errors.profileNotConnected, engineUnavailable */
  async setTyping(profileId: ProfileId, chat: ChatAddress, state: 'composing' | 'recording' | 'paused'): Promise<void> {
    await this.ask(profileId, 'typing', { chat, state });
  }

  /**
   * The abilities of a profile's connection, each method asked of the process that holds it.
   * @throws errors.profileNotConnected, engineUnavailable, notSupportedByWhatsapp, refusedByWhatsapp
   */
  abilities(profileId: ProfileId): Abilities {
    const names = Object.keys(abilityMethods) as AbilityName[];
    return Object.fromEntries(
      names.map((ability) => [ability, this.ability(profileId, ability)]),
    ) as unknown as Abilities;
  }

  /** Opens the connection anew. @throws errors.engineUnavailable */
  async restart(profileId: ProfileId): Promise<void> {
    await this.ask(profileId, 'restart', {});
  }

  /** What the owner measured; null while it has no connection. @throws errors.profileNotConnected, engineUnavailable when nobody holds the profile */
  health(profileId: ProfileId): Promise<ConnectionHealth | null> {
    return this.ask(profileId, 'health', {});
  }

  /** Closes idle connections. */
  close(): Promise<void> {
    return this.agent.close();
  }

  private ability(profileId: ProfileId, ability: AbilityName): object {
    const methods = Object.keys(abilityMethods[ability]);
    const asked =
      (method: string) =>
      async (...args: unknown[]) => {
        const { result } = await this.ask(profileId, 'ability', { ability, method, args: args.map(pack) });
        return unpack(result);
      };
    return Object.fromEntries(methods.map((method) => [method, asked(method)]));
  }

  private async ask<N extends EngineCallName>(
    profileId: ProfileId,
    name: N,
    body: EngineCalls[N]['body'],
  ): Promise<EngineCalls[N]['answer']> {
    const address = await findOwnerAddress(this.db, profileId);
    if (address === null) throw await this.whyNoOwner(profileId);
    const answer = await this.post(`${address}${engineCallPath(profileId, name)}`, body, timeoutMs[name]);
    if ('data' in answer) return answer.data as EngineCalls[N]['answer'];
    throw refusal(answer.error);
  }

  /** Waiting helps only when the profile is to be connected at all. */
  private async whyNoOwner(profileId: ProfileId) {
    const [row] = await this.db.query<{ desiredState: string }>(
      'select desired_state as "desiredState" from profiles where id = $1',
      [profileId],
    );
    if (row?.desiredState === 'connected') return errors.engineUnavailable({ retryAfterSeconds: 3 });
    return errors.profileNotConnected({ message: 'The profile was disconnected on request. Connect it first.' });
  }

  private async post(url: string, body: object, withinMs: number): Promise<Answer> {
    try {
      const response = await request(url, {
        method: 'POST',
        dispatcher: this.agent,
        headers: { authorization: `Bearer ${this.options.internalSecret}`, 'content-type': 'application/json' },
        body: JSON.stringify(body),
        signal: AbortSignal.timeout(withinMs),
      });
      return (await response.body.json()) as Answer;
    } catch (cause) {
      // Down, unreachable, too slow, or not an engine: for the caller it is the same.
      throw errors.engineUnavailable({ cause, retryAfterSeconds: 3 });
    }
  }
}

type Answer = { data: unknown } | { error: { code: string; message: string } };

function refusal({ code, message }: { code: string; message: string }) {
  switch (code) {
    case engineRefusals.notConnected:
      return errors.profileNotConnected();
    case engineRefusals.alreadyLinked:
      return errors.profileAlreadyLinked();
    case engineRefusals.notPairing:
      return errors.profileNotPairing({
        message: 'WhatsApp did not become ready for pairing in time. Look at the state of the profile and try again.',
      });
    case engineRefusals.notHeld:
      return errors.engineUnavailable({ retryAfterSeconds: 3 });
    case engineRefusals.noAbility:
      return errors.notSupported({ message });
    case 'not_found':
    case 'gone':
      return errors.notOnWhatsapp({ message, details: { engineCode: code } });
    case 'not_allowed':
    case 'refused_as_invalid':
    case 'conflict':
    case 'full':
      return errors.refusedByWhatsapp({ message, details: { engineCode: code } });
    case 'app_state_damaged':
      return errors.phoneSettingsDamaged({ message, details: { engineCode: code } });
    case 'app_state_keys_missing':
      return errors.phoneSettingsNotShared({ message, details: { engineCode: code }, retryAfterSeconds: 30 });
    case 'rate_limited':
      return errors.whatsappRateLimited({ message, retryAfterSeconds: 60 });
    default:
      return errors.engineUnavailable({ message, details: { engineCode: code }, retryAfterSeconds: 3 });
  }
}
