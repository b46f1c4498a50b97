import { proto } from '@whiskeysockets/baileys';
import type { MessageAction } from '#contracts';
import { type SealContext, seal } from '../sealed.js';
import { positive } from '../values.js';

type Response = Extract<MessageAction, { kind: 'event_response' }>;

const { EventResponseType } = proto.Message.EventResponseMessage;
const responses = {
  going: EventResponseType.GOING,
  not_going: EventResponseType.NOT_GOING,
  maybe: EventResponseType.MAYBE,
} as const;

export function eventResponseFrom(plain: Uint8Array): Response | null {
  const { response, extraGuestCount } = proto.Message.EventResponseMessage.decode(plain);
  const extraGuests = positive(extraGuestCount);
  for (const [word, type] of Object.entries(responses)) {
    if (type !== response) continue;
    return {
      kind: 'event_response',
      response: word as keyof typeof responses,
      ...(extraGuests ? { extraGuests } : {}),
    };
  }
  return null;
}

export function eventResponseProto(
  { response, extraGuests }: Response,
  key: proto.IMessageKey,
  sealing: { secret: Uint8Array; context: SealContext },
  now: number,
): proto.IMessage {
  const plain = proto.Message.EventResponseMessage.encode({
    response: responses[response],
    timestampMs: now,
    ...(extraGuests ? { extraGuestCount: extraGuests } : {}),
  }).finish();
  const sealed = seal(plain, 'Event Response', sealing.secret, sealing.context);
  return { encEventResponseMessage: { eventCreationMessageKey: key, ...sealed } };
}
