import { createHash } from 'node:crypto';
import { proto } from '@whiskeysockets/baileys';
import type { MessageAction, MessageContent } from '#contracts';
import { type SealContext, seal } from '../sealed.js';

type Vote = Extract<MessageAction, { kind: 'poll_vote' }>;

/** A vote names options by the hashes of their words; one that the poll does not have is left out. */
export function pollVoteFrom(plain: Uint8Array, poll: MessageContent): Vote | null {
  if (poll.kind !== 'poll') return null;
  const { selectedOptions } = proto.Message.PollVoteMessage.decode(plain);
  return { kind: 'poll_vote', options: votedOptions(selectedOptions ?? [], poll.options) };
}

export function votedOptions(hashes: Uint8Array[], options: string[]): string[] {
  const chosen = new Set(hashes.map((hash) => Buffer.from(hash).toString('hex')));
  return options.filter((option) => chosen.has(hashOf(option).toString('hex')));
}

export function pollVoteProto(
  { options }: Vote,
  key: proto.IMessageKey,
  sealing: { secret: Uint8Array; context: SealContext },
  now: number,
): proto.IMessage {
  const plain = proto.Message.PollVoteMessage.encode({ selectedOptions: options.map(hashOf) }).finish();
  const vote = seal(plain, 'Poll Vote', sealing.secret, sealing.context);
  return { pollUpdateMessage: { pollCreationMessageKey: key, vote, senderTimestampMs: now } };
}

const hashOf = (option: string): Buffer => createHash('sha256').update(option).digest();
