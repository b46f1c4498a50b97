import { Injectable } from '@nestjs/common';
import { connectionCodes } from '#contracts';
import type { Accepted, AcceptedAt } from '#domain';
import { type Answer, answer } from '../http/answer.js';
import { StateWatch } from './await-state.js';
import { presentSend, type SendOut } from './send.dto.js';

const DEFAULT_WAIT_SECONDS = 5;

/** States in which an acknowledgement may come within seconds. */
const hopeful = ['connected', 'connecting', 'reconnecting'];

/** The answer to accepted sends. */
@Injectable()
export class SendAnswers {
  constructor(private readonly watch: StateWatch) {}

  /** 201 with how it ended, or 202 while it is under way. Waits only while the profile may be able to send. */
  async of(accepted: AcceptedAt, waitSeconds: number | null | undefined): Promise<Answer<SendOut>> {
    const { status, results } = await this.ofAll(accepted, waitSeconds);
    return answer(status, results[0]!);
  }

  /** The same for several: 201 when all of them have ended. */
  async ofAll(
    accepted: AcceptedAt,
    waitSeconds: number | null | undefined,
  ): Promise<{ status: 201 | 202; results: SendOut[] }> {
    const { messages, profile, seq } = accepted;
    const waitMs = hopeful.includes(profile.state) ? (waitSeconds ?? DEFAULT_WAIT_SECONDS) * 1000 : 0;
    // Their announcements stand one after another in the log.
    const from = seq - messages.length + 1;
    const outcomes = await Promise.all(
      messages.map(({ profileId, id }) => this.watch.settled(profileId, id, from, waitMs)),
    );
    const queued = queuedAnswers(accepted);
    const results = outcomes.map((outcome, index) =>
      outcome ? presentSend(messages[index]!, outcome, null) : queued[index]!,
    );
    return { status: outcomes.every(Boolean) ? 201 : 202, results };
  }
}

/** The answers as they stand when the messages have been committed and nothing more is known. */
export function queuedAnswers({ messages, profile }: Accepted): SendOut[] {
  const warning = hopeful.includes(profile.state)
    ? null
    : `The message waits until the profile is connected. ${connectionCodes[profile.code].sentence}`;
  return messages.map((message) => presentSend(message, { state: 'queued', reason: null }, warning));
}

/** The same for one. */
export function queuedAnswer(accepted: Accepted): Answer<SendOut> {
  return answer(202, queuedAnswers(accepted)[0]!);
}
