const KEPT_MESSAGES = 50_000;
const KEPT_CONVERSATIONS = 50_000;

/**
 * What one device sends into one chat reaches each device in the order in which it was sent. A message that is sent again
 * after a retry receipt counts as sent then; one that comes again because it was not confirmed does not count.
 */
export class MessageOrder {
  private readonly sent = new Map<string, number>();
  private readonly handed = new Map<string, number>();
  private sequence = 0;

  /** A device handed in a message. */
  accepted(sender: string, id: string): void {
    this.sequence += 1;
    keep(this.sent, `${sender}|${id}`, this.sequence, KEPT_MESSAGES);
  }

  /** A device gets a message for the first time. Says what is wrong with that, if something is. */
  passedOn(recipient: string, sender: string, chat: string, id: string): string | undefined {
    const sequence = this.sent.get(`${sender}|${id}`);
    if (sequence === undefined) return undefined;
    const conversation = `${recipient}|${sender}|${chat}`;
    const newest = this.handed.get(conversation) ?? 0;
    keep(this.handed, conversation, Math.max(newest, sequence), KEPT_CONVERSATIONS);
    return sequence < newest ? `message ${id} of ${sender} in ${chat} came after one that was sent later` : undefined;
  }
}

function keep(map: Map<string, number>, key: string, value: number, limit: number): void {
  map.delete(key);
  map.set(key, value);
  if (map.size > limit) map.delete(map.keys().next().value as string);
}
