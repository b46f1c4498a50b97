import type { WireMessage } from '../../baileys.js';
import type { Account } from '../../network/account.js';
import type { Random } from '../../time/random.js';
import type { ArchivedMessage } from './phone-archive.js';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

/** How conversations with customers, friends and family go: what opens them, what follows from either side. */
const TOPICS = [
  {
    opens: ['Hi, is the blue one still available?', 'Halo kak, stok masih ada?', 'Good morning, do you ship abroad?'],
    theirs: [
      'How much is it with delivery?',
      'Can I pick it up tomorrow?',
      'Boleh kirim foto lainnya?',
      'I will take two.',
    ],
    ours: [
      'Yes, we still have it.',
      'Delivery takes two to three days.',
      'Ongkirnya 15.000 kak.',
      'Your order is on its way.',
    ],
  },
  {
    opens: ['Are we still on for tonight?', 'What time does it start?', 'Dinner at ours on Friday?'],
    theirs: [
      'I am running ten minutes late.',
      'Bring the good speakers!',
      'Same place as last time?',
      'haha see you there',
    ],
    ours: ['Yes, seven o’clock.', 'I booked a table for four.', 'On my way.', 'Sounds good.'],
  },
  {
    opens: ['Did you land safely?', 'Mama asks when you are coming home.', 'Look at this 😄'],
    theirs: ['Send pictures!', 'We miss you ❤️', 'Call me when you can.', 'Grandpa says hello.'],
    ours: ['All good here.', 'The weather is lovely.', 'I will call tonight.', 'Miss you too ❤️'],
  },
  {
    opens: ['The report is ready for review.', 'Could you check invoice 1042?', 'Meeting moved to 15:00.'],
    theirs: ['Two comments on page three.', 'Approved, thank you.', 'Please resend the file.', 'Noted 👍'],
    ours: ['Thanks, I will correct it.', 'Sent just now.', 'Works for me.', 'I will follow up on Monday.'],
  },
] as const;

export interface ChatPlan {
  with: Account;
  /** How many messages. */
  count: number;
  /** Milliseconds since 1970 of the last message at most. */
  until: number;
  /** Over how many days the conversation stretches. */
  days: number;
}

/** What stands in for a picture until it is uploaded. */
export const PICTURE = Symbol('picture');

/** A written message; `picture` asks for one that is to be uploaded. */
export interface WrittenMessage extends ArchivedMessage {
  picture?: typeof PICTURE;
}

/**
 * Writes a conversation as people have them: bursts of a few messages on one topic, hours apart, by day more than by
 * night, with quotes, reactions and now and then a picture. The same chance writes the same conversation.
 */
export function writeChat(plan: ChatPlan, random: Random): WrittenMessage[] {
  const messages: WrittenMessage[] = [];
  const step = (plan.days * DAY_MS) / Math.max(1, plan.count);
  let at = plan.until - plan.days * DAY_MS;
  let topic = random.pick(TOPICS);
  let left = 0;
  while (messages.length < plan.count) {
    const isOpening = left === 0;
    if (isOpening) {
      topic = random.pick(TOPICS);
      left = random.int(3, 12);
    }
    left -= 1;
    // Bursts are quick; what they save of the time is waited before the next one.
    at += isOpening ? step * random.int(8, 22) * random.next() : MINUTE_MS * random.next() * 4;
    at = Math.min(at, plan.until - (plan.count - messages.length) * 1000);
    const fromMe = isOpening ? false : random.chance(0.45);
    const text = random.pick(isOpening ? topic.opens : fromMe ? topic.ours : topic.theirs);
    const earlier = messages.at(-1);
    messages.push({
      id: random.hex(16).toUpperCase(),
      fromMe,
      at: Math.floor(at),
      ...(fromMe ? { status: random.chance(0.9) ? 'read' : 'delivered' } : {}),
      ...body(text, earlier, plan.with, random),
    });
  }
  return messages;
}

function body(
  text: string,
  earlier: WrittenMessage | undefined,
  other: Account,
  random: Random,
): Pick<WrittenMessage, 'message' | 'picture'> {
  const kind = random.next();
  if (kind < 0.02) return { message: { imageMessage: { caption: text } }, picture: PICTURE };
  if (earlier && kind < 0.08) {
    const key = { remoteJid: other.address('lid'), fromMe: earlier.fromMe, id: earlier.id };
    return { message: { reactionMessage: { key, text: random.pick(['👍', '❤️', '😂', '🙏']) } } };
  }
  if (earlier && kind < 0.18) {
    const quotedMessage: WireMessage = earlier.message;
    return { message: { extendedTextMessage: { text, contextInfo: { stanzaId: earlier.id, quotedMessage } } } };
  }
  return { message: { conversation: text } };
}
