import type { ChatAddress } from '../chat-address.js';
import type { MethodsOf } from './ability.js';

/**
 * Labels of WhatsApp Business: settings of the account that its devices share. Phones of ordinary accounts take them over
 * and show nothing. Which labels there are is told by facts (`label_changed`, `label_set`); there is nobody to ask.
 */
export interface LabelsAbility {
  /**
   * Makes a label, or changes the one with this id.
   * @param labelId digits, as WhatsApp numbers them; the caller chooses one that is free
   * @param color one of WhatsApp's, 0 to 19
   */
  save(labelId: string, label: { name: string; color: number }): Promise<void>;
  /** Removes it everywhere; its last name and colour go with it. */
  remove(labelId: string, label: { name: string; color: number }): Promise<void>;
  setOnChat(labelId: string, chat: ChatAddress, set: boolean): Promise<void>;
  setOnMessage(labelId: string, chat: ChatAddress, waMessageId: string, set: boolean): Promise<void>;
}

export const labelsMethods: MethodsOf<LabelsAbility> = {
  save: 'changes',
  remove: 'changes',
  setOnChat: 'changes',
  setOnMessage: 'changes',
};
