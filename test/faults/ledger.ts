/**
 * What a campaign expected and what the outside saw of it. The verdict is drawn from the virtual phones, the webhook
 * receiver and the public API only, never from the product's tables.
 */
export interface Verdict {
  /** How many sends the API accepted, and how many messages the contacts sent: a campaign without traffic proves nothing. */
  accepted: number;
  received: number;
  /** Sent to us and never stored, or never told to the webhook. */
  inboundLost: string[];
  /** One message under two conversation rows, or under two webhook ids. */
  inboundDuplicated: string[];
  /** Accepted and not seen by the recipient's phone. */
  outboundLost: string[];
  /** One accepted send that the phone saw under two WhatsApp ids. */
  outboundDuplicated: string[];
  /** Accepted sends that did not end in a settled state. */
  unsettled: string[];
  /** Repeats under the same id, which receivers are meant to drop: counted, not faults. */
  harmlessRepeats: { phones: number; webhook: number };
}

/** What was expected, and who saw what of it. */
export interface Evidence {
  /** Texts that the API accepted for sending, and texts that contacts sent. */
  accepted: readonly string[];
  inbound: readonly string[];
  phones: Sightings;
  /** As a customer reads it back. */
  stored: Sightings;
  /** As webhooks told it; absent when the campaign has none. */
  told?: Sightings;
  unsettled: string[];
}

export function judge({ accepted, inbound, phones, stored, told, unsettled }: Evidence): Verdict {
  return {
    accepted: accepted.length,
    received: inbound.length,
    inboundLost: inbound.filter((text) => !stored.has(text) || told?.has(text) === false),
    inboundDuplicated: inbound.filter((text) => stored.ids(text) > 1 || (told?.ids(text) ?? 0) > 1),
    outboundLost: accepted.filter((text) => !phones.has(text)),
    outboundDuplicated: accepted.filter((text) => phones.ids(text) > 1),
    unsettled,
    harmlessRepeats: { phones: phones.repeats, webhook: told?.repeats ?? 0 },
  };
}

/** Collects sightings of texts: which ids each came under, and how often. */
export class Sightings {
  private readonly byText = new Map<string, Map<string, number>>();

  see(text: string, id: string): void {
    const ids = this.byText.get(text) ?? new Map<string, number>();
    ids.set(id, (ids.get(id) ?? 0) + 1);
    this.byText.set(text, ids);
  }

  has(text: string): boolean {
    return this.byText.has(text);
  }

  /** How many different ids the text came under. */
  ids(text: string): number {
    return this.byText.get(text)?.size ?? 0;
  }

  get size(): number {
    return this.byText.size;
  }

  /** Sightings beyond the first of the same text and id. */
  get repeats(): number {
    let repeats = 0;
    for (const ids of this.byText.values()) for (const count of ids.values()) repeats += count - 1;
    return repeats;
  }
}
