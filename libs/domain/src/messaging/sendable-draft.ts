import { errors } from '#contracts';
import {
  assertActable,
  assertSendable,
  type ChatAddress,
  EngineError,
  type OutgoingAction,
  whatsAppCapabilities,
} from '#engine';
import type { MessageDraft } from './message-draft.js';
import { sentContent } from './sent-content.js';

/**
 * Refuses at once what WhatsApp would never take: kinds that a chat does not have, texts that are too long, polls
 * without options. The engine asks the same before the wire.
 * @throws errors.notSupported, validation
 */
export function assertDraft({ to, content }: MessageDraft): void {
  try {
    assertSendable(sentContent(content), to, whatsAppCapabilities);
  } catch (refusal) {
    if (!(refusal instanceof EngineError)) throw refusal;
    const { code, message } = refusal;
    throw code === 'not_supported'
      ? errors.notSupported({ message })
      : errors.validation({ fields: [{ path: 'content', message }] });
  }
}

/**
 * The same for what is to be done to a message.
 * @throws errors.actionNotPossible
 */
export function assertAction(action: OutgoingAction, chat: ChatAddress, messageId: string): void {
  try {
    assertActable(action, chat, whatsAppCapabilities);
  } catch (refusal) {
    if (!(refusal instanceof EngineError)) throw refusal;
    const { code: reason, message } = refusal;
    throw errors.actionNotPossible({ message, details: { messageId, reason } });
  }
}
