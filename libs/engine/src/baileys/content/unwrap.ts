import type { proto } from '@whiskeysockets/baileys';

/** Messages that stand around another one (whatsmeow, types/events/events.go, `UnwrapRaw`; Baileys, `normalizeMessageContent`). */
const wrappers = [
  'ephemeralMessage',
  'viewOnceMessage',
  'viewOnceMessageV2',
  'viewOnceMessageV2Extension',
  'documentWithCaptionMessage',
  'editedMessage',
  'associatedChildMessage',
  'botInvokeMessage',
  'botForwardedMessage',
  'lottieStickerMessage',
  'groupMentionedMessage',
  'groupStatusMessage',
  'groupStatusMessageV2',
  'groupStatusMentionMessage',
  'statusMentionMessage',
  'eventCoverImage',
  'pollCreationMessageV4',
  'pollCreationOptionImageMessage',
  'questionMessage',
  'questionReplyMessage',
] as const;
type Wrapper = (typeof wrappers)[number];

/** More than any client makes; ends what was made to go round in circles. */
const deepest = 8;

export interface Unwrapped {
  /** What is in the innermost wrapper. */
  message: proto.IMessage;
  within: ReadonlySet<Wrapper>;
  /** Facts about the whole, from whichever layer has them. */
  info: proto.IMessageContextInfo;
}

export function unwrap(message: proto.IMessage): Unwrapped {
  const within = new Set<Wrapper>();
  let inner = message;
  let info: proto.IMessageContextInfo = { ...message.messageContextInfo };
  for (let depth = 0; depth < deepest; depth += 1) {
    const wrapper = wrappers.find((name) => inner[name]?.message);
    if (!wrapper) break;
    within.add(wrapper);
    inner = inner[wrapper]!.message!;
    info = { ...inner.messageContextInfo, ...info };
  }
  return { message: inner, within, info };
}
