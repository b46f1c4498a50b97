import { Injectable } from '@nestjs/common';
import { connectionCodes } from '#contracts';
import type { Accepted, AcceptedAt } from '#domain';
import { type Answer, answer } from '../http/answer.js';
import { StateWatch } from './await-state.js';
import { presentSend, type SendOut } from './send.dto.js';

const DEFAULT_WAIT_SECONDS = 5;

/** States in which an acknowledgement may come within seconds. */
const hopeful = ['connected', 'connecting', 'reconnecting'];

/** The answer to one accepted send. */
@Injectable()
export class SendAnswers {
  constructor(private readonly watch: StateWatch) {}

  /** 201 with how it ended, or 202 while it is under way. Waits only while the profile may be able to send. */
  async of(accepted: AcceptedAt, waitSeconds: number | null | undefined): Promise<Answer<SendOut>> {
    const message = accepted.messages[0]!;
    const waitMs = hopeful.includes(accepted.profile.state) ? (waitSeconds ?? DEFAULT_WAIT_SECONDS) * 1000 : 0;
    const outcome = await this.watch.settled(message.profileId, message.id, accepted.seq, waitMs);
    return outcome ? answer(201, presentSend(message, outcome, null)) : queuedAnswer(accepted);
  }
}

/** The answer as it stands when the message has been committed and nothing more is known. */
export function queuedAnswer({ messages, profile }: Accepted): Answer<SendOut> {
  const warning = hopeful.includes(profile.state)
    ? null
    : `The message waits until the profile is connected. ${connectionCodes[profile.code].sentence}`;
  return answer(202, presentSend(messages[0]!, { state: 'queued', reason: null }, warning));
}
