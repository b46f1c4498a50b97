import type { MessageAction, MessageContent } from '#contracts';
import type { SendPolicy } from './send-policy.js';

/** Nobody types at one speed: up to so much shorter or longer. */
const VARIATION = 0.25;

/** What is shown to the other person before a message, and for how long. */
export interface TypingShown {
  state: 'composing' | 'recording';
  ms: number;
}

/** As long as a person would need for these words, or to speak this voice message; null when nothing is to be shown. */
export function typingFor(
  policy: SendPolicy,
  content: MessageContent | MessageAction,
  random: () => number,
): TypingShown | null {
  if (!policy.typingEnabled) return null;
  const isVoice = content.kind === 'audio' && content.voice;
  const ms = isVoice
    ? (content.media.durationSeconds ?? 0) * 1_000
    : wordsOf(content).length * policy.typingMsPerCharacter;
  const varied = Math.round(Math.min(policy.typingMaxMs, ms * (1 - VARIATION + random() * 2 * VARIATION)));
  return varied > 0 ? { state: isVoice ? 'recording' : 'composing', ms: varied } : null;
}

function wordsOf(content: MessageContent | MessageAction): string {
  if ('text' in content && typeof content.text === 'string') return content.text;
  return 'caption' in content && typeof content.caption === 'string' ? content.caption : '';
}
