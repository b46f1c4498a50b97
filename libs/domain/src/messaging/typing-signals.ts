import { Injectable } from '@nestjs/common';
import type { Actor, ProfileId } from '#contracts';
import { Database } from '#database';
import type { ChatAddress, TypingFact } from '#engine';
import { EngineGateway } from '../profiles/engine-gateway.js';
import { getSendingProfile } from './queue-messages.js';

/** WhatsApp forgets a typing signal after this time. */
export const MAX_TYPING_MS = 25_000;

export interface TypingRequest {
  to: ChatAddress;
  state: TypingFact['state'];
  /** Ends it by itself; at most `MAX_TYPING_MS`. */
  durationMs?: number;
}

/** Shows people that somebody is typing. Nothing is stored: the signal is gone within seconds anyway. */
@Injectable()
export class TypingSignals {
  constructor(
    private readonly db: Database,
    private readonly gateway: EngineGateway,
  ) {}

  /**
   * Resolves when the signal is out. Its end after `durationMs` is only tried: if this process dies, WhatsApp ends it.
   * @throws errors.notFound, profileNotLinked, profileNotConnected, engineUnavailable
   */
  async set(actor: Actor, profileId: ProfileId, { to, state, durationMs }: TypingRequest): Promise<void> {
    await this.db.tenant(actor, (tx) => getSendingProfile(tx, actor, profileId));
    await this.gateway.setTyping(profileId, to, state);
    if (durationMs === undefined || state === 'paused') return;
    const end = () => void this.gateway.setTyping(profileId, to, 'paused').catch(() => undefined);
    setTimeout(end, durationMs).unref();
  }
}
