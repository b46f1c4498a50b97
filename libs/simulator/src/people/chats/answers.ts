import { proto, type WireMessage } from '../../baileys.js';
import { pollOf, unwrap } from '../content.js';
import { openPayload, optionHash, type SealedPayload } from '../secret-payload.js';
import type { ChatMessage, EventResponse } from './chat-message.js';

/** Both addresses of a person: clients differ in which of them an answer is sealed with. */
export type AddressesOf = (number: string) => readonly string[];

const RESPONSES: Record<number, EventResponse> = { 1: 'going', 2: 'not-going', 3: 'maybe' };

/** The options that a vote names, or nothing when it cannot be opened: it is of another poll, or forged. */
export function openVote(
  poll: ChatMessage,
  vote: proto.Message.IPollEncValue | null | undefined,
  voter: string,
  addressesOf: AddressesOf,
): string[] | undefined {
  const names = pollNames(poll.message);
  const plain = open(poll, vote, 'Poll Vote', voter, addressesOf);
  if (!names || !plain) return undefined;
  const hashes = proto.Message.PollVoteMessage.decode(plain).selectedOptions ?? [];
  return names.filter((name) => hashes.some((hash) => optionHash(name).equals(Buffer.from(hash))));
}

/** Whether somebody comes to an event, or nothing when the answer cannot be opened. */
export function openEventResponse(
  event: ChatMessage,
  sealed: proto.Message.IEncEventResponseMessage,
  responder: string,
  addressesOf: AddressesOf,
): EventResponse | undefined {
  const plain = open(event, sealed, 'Event Response', responder, addressesOf);
  return plain && RESPONSES[proto.Message.EventResponseMessage.decode(plain).response ?? 0];
}

const pollNames = (message: WireMessage | undefined): string[] | undefined =>
  message && pollOf(unwrap(message))?.options?.map(({ optionName }) => optionName ?? '');

function open(
  about: ChatMessage,
  sealed: Partial<{ [K in keyof SealedPayload]: Uint8Array | null }> | null | undefined,
  purpose: 'Poll Vote' | 'Event Response',
  answerer: string,
  addressesOf: AddressesOf,
): Buffer | undefined {
  const secret = secretOf(about.message);
  if (!secret || !sealed?.encPayload || !sealed.encIv) return undefined;
  const { encPayload, encIv } = sealed as SealedPayload;
  for (const author of addressesOf(about.origin.sender)) {
    for (const from of addressesOf(answerer)) {
      const context = { messageId: about.origin.id, author, answerer: from };
      try {
        return openPayload({ encPayload, encIv }, purpose, secret, context);
      } catch {
        // Sealed with the other form of an address.
      }
    }
  }
  return undefined;
}

/** The secret that a message carries for its answers. */
export const secretOf = (message: WireMessage | undefined): Uint8Array | undefined =>
  (message && (message.messageContextInfo ?? unwrap(message).messageContextInfo)?.messageSecret) || undefined;
