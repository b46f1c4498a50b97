import type { MessageActionKind } from '#contracts';
import type { ChatAddress } from './chat-address.js';
import type { SendableContent } from './content.js';

export type ChatKind = ChatAddress['kind'];

/** Whether something can be sent, and to which chats. */
export interface SendCapability {
  /** `experimental`: WhatsApp takes it, and whether it is shown is not certain. */
  send: 'yes' | 'experimental';
  to: readonly ChatKind[];
  /** What is not certain about it. */
  note?: string;
}

export interface ContentCapabilities {
  kinds: Readonly<Record<SendableContent['kind'], SendCapability>>;
  actions: Readonly<Record<MessageActionKind, SendCapability>>;
  /** May be opened once. */
  viewOnce: { kinds: readonly SendableContent['kind'][]; to: readonly ChatKind[] };
  maxCaptionLength: number;
  /** Of a text that is shown as a status. */
  maxStatusTextLength: number;
  poll: { maxQuestionLength: number; minOptions: number; maxOptions: number; maxOptionLength: number };
  maxContacts: number;
  maxCarouselCards: number;
  /** Counted from when the message was sent; later WhatsApp's clients ignore it. */
  editWithinSeconds: number;
  revokeOwnWithinSeconds: number;
  pinSeconds: readonly number[];
  /** What clients offer as a chat's timer; they ignore others. */
  disappearingSeconds: readonly number[];
}

const people: readonly ChatKind[] = ['user', 'group'];
const yes = (...to: readonly ChatKind[]): SendCapability => ({ send: 'yes', to });
const uncertain = (note: string, ...to: readonly ChatKind[]): SendCapability => ({ send: 'experimental', to, note });

const choices = uncertain(
  'WhatsApp takes things to tap on from business partners; others get them shown on some phones and not on others.',
  ...people,
);

/**
 * Limits of WhatsApp's own clients. Polls: faq.whatsapp.com, "How to create polls"; contacts in one message: WhatsApp's
 * phones stop at 257; status texts at 700. Edits: 15 minutes (faq.whatsapp.com, "How to edit messages"); whatsmeow's
 * `EditWindow` grants five more, as servers do. Deletion for everyone: 2 days and 12 hours (faq.whatsapp.com, "How to
 * delete messages"). Pins: 1, 7 or 30 days. Timers: whatsmeow, send.go, `SetDisappearingTimer`. Newsletters: what the
 * editors of WhatsApp's phones offer there.
 */
export const whatsAppContent: ContentCapabilities = {
  kinds: {
    text: yes('user', 'group', 'status', 'newsletter'),
    image: yes('user', 'group', 'status', 'newsletter'),
    video: yes('user', 'group', 'status', 'newsletter'),
    audio: yes('user', 'group', 'status', 'newsletter'),
    document: yes(...people),
    sticker: yes('user', 'group', 'newsletter'),
    location: yes(...people),
    live_location: uncertain('Linked devices cannot follow a phone: it is a place that is sent again.', ...people),
    contacts: yes(...people),
    poll: yes('user', 'group', 'newsletter'),
    event: yes(...people),
    group_invite: yes(...people),
    buttons: choices,
    list: choices,
    carousel: choices,
  },
  actions: {
    reaction: yes('user', 'group', 'status', 'newsletter'),
    edit: yes('user', 'group', 'newsletter'),
    revoke: yes('user', 'group', 'status', 'newsletter'),
    pin: yes(...people),
    keep: yes(...people),
    poll_vote: yes(...people),
    event_response: yes(...people),
  },
  viewOnce: { kinds: ['image', 'video', 'audio'], to: people },
  maxCaptionLength: 65_536,
  maxStatusTextLength: 700,
  poll: { maxQuestionLength: 255, minOptions: 2, maxOptions: 12, maxOptionLength: 100 },
  maxContacts: 257,
  maxCarouselCards: 10,
  editWithinSeconds: 20 * 60,
  revokeOwnWithinSeconds: 60 * 3600,
  pinSeconds: [86_400, 604_800, 2_592_000],
  disappearingSeconds: [86_400, 604_800, 7_776_000],
};
