/** How carefully a profile sends. `null` switches a limit off. Names that the older product has mean the same here. */
export interface SendPolicy {
  /** Least pause between the end of one send and the beginning of the next. 0: none, and several go at once. */
  messageDelayMs: number;
  /** Up to so much is added to each pause, at random. */
  messageDelayJitterMs: number;
  /** Whether "typing…" (for voice "recording…") is shown before a message, as long as a person would need. */
  typingEnabled: boolean;
  typingMsPerCharacter: number;
  typingMaxMs: number;
  /** Most sends within any 60 seconds, and within any 60 minutes. */
  minuteLimit: number | null;
  hourLimit: number | null;
  /** Most sends on a day of `timeZone`. */
  dailyMessageLimit: number | null;
  /** Of them: most to people who have not written within the service window. */
  coldDailyLimit: number | null;
  /** Of those: most to people who never wrote to this number. */
  newContactDailyLimit: number | null;
  /** Campaigns stop when so much of the minute's, the hour's or the day's limit is used; the rest is for conversations. */
  campaignSharePercent: number;
  /** Whoever wrote within so many hours is answered: no cold limit, no quiet hours, no circuit. */
  serviceWindowHours: number;
  /**
   * A young number: what it sends outside the service window on a day rises from `warmupStartPerDay` to the daily limit
   * (or the cold one) over `warmupRampDays` days.
   */
  warmupEnabled: boolean;
  warmupStartPerDay: number;
  warmupRampDays: number;
  /** When the warm-up began, ISO 8601. Set when it is switched on, unless given. */
  warmupStartedAt: string | null;
  /** After so many days without a send the warm-up begins anew. */
  warmupRestartIdleDays: number | null;
  /** Local times `HH:mm`; may span midnight. */
  quietHours: { from: string; to: string } | null;
  /** What rests in quiet hours: campaigns, also what is outside the service window, or everything. */
  quietHoursFor: 'campaign' | 'unsolicited' | 'everything';
  /** IANA name. Days and quiet hours are of this zone. */
  timeZone: string;
  /** The same text to the same chat is refused within so many seconds. 0: never. */
  repeatSuppressionSeconds: number;
  /** Whether a run of failures outside the service window makes sending there rest. */
  circuitBreaker: boolean;
  /** Whether WhatsApp's time-lock (463) stops messages to people who never wrote. */
  timeLockGuard: boolean;
  /** Whether a send that a limit holds back today is accepted and waits, or is refused at once. */
  whenLimited: 'wait' | 'refuse';
}

/** What costs a well-behaved sender nothing is on; what slows one down is chosen (docs/adr, the send governor). */
export const defaultSendPolicy: SendPolicy = {
  messageDelayMs: 0,
  messageDelayJitterMs: 0,
  typingEnabled: false,
  typingMsPerCharacter: 60,
  typingMaxMs: 6_000,
  minuteLimit: null,
  hourLimit: null,
  dailyMessageLimit: null,
  coldDailyLimit: null,
  newContactDailyLimit: null,
  campaignSharePercent: 80,
  serviceWindowHours: 24,
  warmupEnabled: false,
  warmupStartPerDay: 20,
  warmupRampDays: 14,
  warmupStartedAt: null,
  warmupRestartIdleDays: 30,
  quietHours: null,
  quietHoursFor: 'unsolicited',
  timeZone: 'UTC',
  repeatSuppressionSeconds: 0,
  circuitBreaker: true,
  timeLockGuard: true,
  whenLimited: 'wait',
};

/** Whether sends go out one at a time. */
export function isPaced({ messageDelayMs, messageDelayJitterMs }: SendPolicy): boolean {
  return messageDelayMs + messageDelayJitterMs > 0;
}
