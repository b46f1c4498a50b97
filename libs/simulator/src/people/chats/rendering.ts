import { jidDecode, type proto, type WireMessage } from '../../baileys.js';
import { contentOf, mediaPart, pollOf, templateOf, unwrap } from '../content.js';
import { nativeFlowOf } from '../native-flow.js';
import type { ChatMessageView, ChoicesView, EventView, LocationView, MediaView } from './chat-view.js';

/** Turns an address into the phone number behind it, when it is known. */
export type NumberOf = (jid: string) => string | undefined;

type Rendered = Pick<ChatMessageView, 'kind' | 'text' | 'viewOnce' | 'forwarded'> & Partial<ChatMessageView>;

const VIEW_ONCE = ['viewOnceMessage', 'viewOnceMessageV2', 'viewOnceMessageV2Extension'] as const;

/** What a phone shows of a message by itself, without what others add to it later. */
export function render(message: WireMessage, numberOf: NumberOf): Rendered {
  const inner = unwrap(message);
  const { kind, text } = contentOf(message);
  const context = contextOf(inner);
  const poll = pollOf(inner);
  return {
    kind,
    ...(text === undefined ? {} : { text }),
    viewOnce: isViewOnce(message, inner),
    forwarded: context?.isForwarded ? Math.max(1, context.forwardingScore ?? 1) : 0,
    ...given('media', mediaOf(inner)),
    ...given('quoted', quotedOf(context, numberOf)),
    ...given('mentions', mentionsOf(context, numberOf)),
    ...given('location', locationOf(inner)),
    ...given('contacts', contactsOf(inner)),
    ...given('poll', poll && emptyPoll(poll)),
    ...given('event', inner.eventMessage && emptyEvent(inner.eventMessage)),
    ...given('choices', choicesOf(inner)),
    ...given('invite', inner.groupInviteMessage && inviteOf(inner.groupInviteMessage)),
  };
}

/** The context of a message: what it quotes, whom it mentions, when it vanishes. */
export function contextOf(inner: WireMessage): proto.IContextInfo | undefined {
  for (const part of Object.values(inner)) {
    const context = (part as { contextInfo?: proto.IContextInfo } | null)?.contextInfo;
    if (context) return context;
  }
  return undefined;
}

const given = <K extends string, V>(name: K, value: V | null | undefined): { [key in K]?: V } =>
  (value === null || value === undefined ? {} : { [name]: value }) as { [key in K]?: V };

const isViewOnce = (message: WireMessage, inner: WireMessage): boolean =>
  VIEW_ONCE.some((name) => message[name]) ||
  VIEW_ONCE.some((name) => message.ephemeralMessage?.message?.[name]) ||
  Boolean((mediaPart(inner)?.part as { viewOnce?: boolean | null } | undefined)?.viewOnce);

function mediaOf(inner: WireMessage): MediaView | undefined {
  const found = mediaPart(inner);
  if (!found) return undefined;
  const { kind, part } = found;
  return {
    kind,
    mimetype: part.mimetype ?? '',
    fileLength: Number(part.fileLength ?? 0),
    ...given('fileName', part.fileName),
    ...given('seconds', part.seconds),
    ...given('width', part.width),
    ...given('height', part.height),
    ...(part.ptt ? { voice: true } : {}),
    ...(inner.ptvMessage ? { round: true } : {}),
    ...given('thumbnail', part.jpegThumbnail?.length ? Buffer.from(part.jpegThumbnail).toString('base64') : undefined),
  };
}

function quotedOf(context: proto.IContextInfo | undefined, numberOf: NumberOf): ChatMessageView['quoted'] {
  if (!context?.stanzaId) return undefined;
  const content = context.quotedMessage ? contentOf(context.quotedMessage) : undefined;
  return {
    id: context.stanzaId,
    ...given('sender', context.participant ? numberOf(context.participant) : undefined),
    ...given('text', content?.text),
    ...given('kind', content?.kind),
  };
}

function mentionsOf(context: proto.IContextInfo | undefined, numberOf: NumberOf): string[] | undefined {
  if (!context?.mentionedJid?.length) return undefined;
  return context.mentionedJid.map((jid) => numberOf(jid) ?? jidDecode(jid)?.user ?? jid);
}

function locationOf({ locationMessage, liveLocationMessage }: WireMessage): LocationView | undefined {
  const part = locationMessage ?? liveLocationMessage;
  if (!part) return undefined;
  return {
    latitude: part.degreesLatitude ?? 0,
    longitude: part.degreesLongitude ?? 0,
    ...given('name', locationMessage?.name),
    ...given('address', locationMessage?.address),
    live: Boolean(liveLocationMessage),
  };
}

function contactsOf({ contactMessage, contactsArrayMessage }: WireMessage): string[] | undefined {
  const cards = contactMessage ? [contactMessage] : contactsArrayMessage?.contacts;
  return cards?.map(({ displayName }) => displayName ?? '');
}

const emptyPoll = (poll: proto.Message.IPollCreationMessage): NonNullable<ChatMessageView['poll']> => ({
  question: poll.name ?? '',
  selectable: poll.selectableOptionsCount ?? 0,
  options: (poll.options ?? []).map(({ optionName }) => ({ name: optionName ?? '', voters: [] })),
});

const emptyEvent = (event: proto.Message.IEventMessage): EventView => ({
  name: event.name ?? '',
  ...given('description', event.description),
  startsAt: Number(event.startTime ?? 0) * 1000,
  ...given('endsAt', event.endTime ? Number(event.endTime) * 1000 : undefined),
  canceled: event.isCanceled ?? false,
  going: [],
  notGoing: [],
  maybe: [],
});

function choicesOf(inner: WireMessage): ChoicesView | undefined {
  const { buttonsMessage, listMessage, listResponseMessage, buttonsResponseMessage, templateButtonReplyMessage } =
    inner;
  const template = templateOf(inner);
  const option = (id?: string | null, text?: string | null) => ({ id: id ?? '', text: text ?? '' });
  if (buttonsMessage) {
    const options = (buttonsMessage.buttons ?? []).map((one) => option(one.buttonId, one.buttonText?.displayText));
    return { kind: 'buttons', options };
  }
  if (listMessage) {
    const rows = (listMessage.sections ?? []).flatMap(({ rows: some }) => some ?? []);
    return { kind: 'list', options: rows.map((row) => option(row.rowId, row.title)) };
  }
  const flow = nativeFlowOf(inner);
  if (flow) return { kind: flow.kind, options: flow.options };
  if (template) {
    const options = (template.hydratedButtons ?? []).map(({ quickReplyButton, urlButton, callButton }) =>
      option(
        quickReplyButton?.id ?? urlButton?.url ?? callButton?.phoneNumber,
        (quickReplyButton ?? urlButton ?? callButton)?.displayText,
      ),
    );
    return { kind: 'template', options };
  }
  const chosen =
    (listResponseMessage && option(listResponseMessage.singleSelectReply?.selectedRowId, listResponseMessage.title)) ??
    (buttonsResponseMessage &&
      option(buttonsResponseMessage.selectedButtonId, buttonsResponseMessage.selectedDisplayText)) ??
    (templateButtonReplyMessage &&
      option(templateButtonReplyMessage.selectedId, templateButtonReplyMessage.selectedDisplayText));
  return chosen ? { kind: 'reply', options: [chosen] } : undefined;
}

const inviteOf = (invite: proto.Message.IGroupInviteMessage): NonNullable<ChatMessageView['invite']> => ({
  group: invite.groupJid ?? '',
  ...given('name', invite.groupName),
  code: invite.inviteCode ?? '',
  expiresAt: Number(invite.inviteExpiration ?? 0) * 1000,
});
