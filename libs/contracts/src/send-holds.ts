/**
 * Why an accepted message is not sent yet: a stable code and a sentence for people. To add one: a line here, and the
 * rule that answers with it. Reasons that last are told as events; those that pass within a minute or two are not.
 */
export const sendHolds = {
  scheduled: { sentence: 'Its time has not come yet.', isTold: false },
  broadcast_paused: { sentence: 'Its broadcast is paused.', isTold: false },
  not_connected: { sentence: 'The number is not connected to WhatsApp.', isTold: false },
  in_line: { sentence: 'It is next in line, or others of its conversation go first.', isTold: false },
  pace: { sentence: 'The pause after the message before is not over.', isTold: false },
  minute_limit: { sentence: 'The number has sent as much as it may within a minute.', isTold: false },
  hour_limit: { sentence: 'The number has sent as much as it may within an hour.', isTold: true },
  daily_limit: { sentence: 'The number has sent as much as it may today.', isTold: true },
  campaign_share: {
    sentence: 'Campaigns have used their share of what the number may send; the rest is kept for conversations.',
    isTold: true,
  },
  warm_up: {
    sentence: 'The number is being warmed up and has written to enough people today who did not write first.',
    isTold: true,
  },
  cold_daily_limit: {
    sentence: 'The number has sent as much as it may today to people who have not written lately.',
    isTold: true,
  },
  new_contact_daily_limit: {
    sentence: 'The number has sent as much as it may today to people who never wrote to it.',
    isTold: true,
  },
  quiet_hours: { sentence: 'These are the quiet hours of the number.', isTold: true },
  circuit_open: {
    sentence: 'Too many messages to people who had not written lately failed; sending to them rests for a while.',
    isTold: true,
  },
  time_lock: {
    sentence: 'WhatsApp has locked the number for new chats (463). Conversations that exist go on.',
    isTold: true,
  },
} as const satisfies Record<string, { sentence: string; isTold: boolean }>;

export type SendHoldCode = keyof typeof sendHolds;
