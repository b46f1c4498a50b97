import type { proto } from '@whiskeysockets/baileys';
import type { MessageContent } from '#contracts';

type Poll = Extract<MessageContent, { kind: 'poll' }>;

export function pollFrom(message: proto.IMessage): Poll | null {
  const poll =
    message.pollCreationMessage ??
    message.pollCreationMessageV2 ??
    message.pollCreationMessageV3 ??
    message.pollCreationMessageV5;
  if (!poll) return null;
  return {
    kind: 'poll',
    question: poll.name ?? '',
    options: (poll.options ?? []).map(({ optionName }) => optionName ?? ''),
    selectable: poll.selectableOptionsCount ?? 0,
  };
}

/** One choice travels as the third form, several as the first (Baileys, Utils/messages.js). */
export function pollProto({ question, options, selectable }: Poll, secret: Uint8Array): proto.IMessage {
  const poll: proto.Message.IPollCreationMessage = {
    name: question,
    options: options.map((optionName) => ({ optionName })),
    selectableOptionsCount: selectable,
  };
  const form = selectable === 1 ? { pollCreationMessageV3: poll } : { pollCreationMessage: poll };
  return { ...form, messageContextInfo: { messageSecret: secret } };
}
