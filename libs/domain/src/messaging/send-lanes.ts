import type { ClaimedSend } from '#database';

/** After so many interactive sends in a row one of a campaign has its turn, if one waits. */
const INTERACTIVE_IN_A_ROW = 8;

/** The sends of a profile that were taken on, by conversation: one under way in each, in order, unless it is blocked. */
export class SendLanes {
  private readonly waiting = new Map<string, ClaimedSend[]>();
  private readonly busy = new Set<string>();
  private readonly blocks = new Map<string, NodeJS.Timeout>();
  private interactiveRun = 0;

  /** In how many conversations something waits. */
  get conversations(): number {
    return this.waiting.size;
  }

  /** How many wait in a conversation. */
  waitingIn(conversationId: string): number {
    return this.waiting.get(conversationId)?.length ?? 0;
  }

  /** Conversations in which at least `count` wait. */
  longerThan(count: number): string[] {
    return [...this.waiting].flatMap(([conversationId, sends]) => (sends.length >= count ? conversationId : []));
  }

  /** How many wait. */
  get size(): number {
    let size = 0;
    for (const sends of this.waiting.values()) size += sends.length;
    return size;
  }

  /** Takes sends in their order. @returns those whose conversation is blocked, which it does not take. */
  add(sends: ClaimedSend[]): ClaimedSend[] {
    const refused: ClaimedSend[] = [];
    for (const send of sends) {
      if (this.blocks.has(send.conversationId)) refused.push(send);
      else if (!this.waiting.get(send.conversationId)?.push(send)) this.waiting.set(send.conversationId, [send]);
    }
    return refused;
  }

  /**
   * The next send of a conversation that has none under way: interactive before campaign, but not for ever. It is then
   * under way.
   */
  next(): ClaimedSend | undefined {
    const isCampaignsTurn = this.interactiveRun >= INTERACTIVE_IN_A_ROW;
    let best: ClaimedSend | undefined;
    for (const [conversationId, [first]] of this.waiting) {
      if (!first || this.busy.has(conversationId)) continue;
      if (!best || (isCampaignsTurn ? first.lane > best.lane : first.lane < best.lane)) best = first;
    }
    if (!best) return undefined;
    this.interactiveRun = best.lane === 0 ? this.interactiveRun + 1 : 0;
    const sends = this.waiting.get(best.conversationId)!;
    sends.shift();
    if (sends.length === 0) this.waiting.delete(best.conversationId);
    this.busy.add(best.conversationId);
    return best;
  }

  /** The send under way of this conversation has ended. */
  done(conversationId: string): void {
    this.busy.delete(conversationId);
  }

  /** Nothing of this conversation for a while. @returns what was waiting in it. */
  block(conversationId: string, forMs: number, then: () => void): ClaimedSend[] {
    clearTimeout(this.blocks.get(conversationId));
    const timer = setTimeout(() => {
      this.blocks.delete(conversationId);
      then();
    }, forMs);
    timer.unref();
    this.blocks.set(conversationId, timer);
    return this.take(conversationId);
  }

  blocked(): string[] {
    return [...this.blocks.keys()];
  }

  unblockAll(): void {
    for (const timer of this.blocks.values()) clearTimeout(timer);
    this.blocks.clear();
  }

  /** Everything that waits, out of the lanes. What is under way stays so. Ends all blocks. */
  takeAll(): ClaimedSend[] {
    this.unblockAll();
    return [...this.waiting.keys()].flatMap((conversationId) => this.take(conversationId));
  }

  /** What waits of batches and broadcasts, out of the lanes. */
  takeOfBatches(): ClaimedSend[] {
    return [...this.waiting].flatMap(([conversationId, sends]) => {
      const left = sends.filter((send) => send.batchId === null);
      if (left.length === 0) this.waiting.delete(conversationId);
      else this.waiting.set(conversationId, left);
      return sends.filter((send) => send.batchId !== null);
    });
  }

  /** What waits in a conversation, out of the lanes. */
  take(conversationId: string): ClaimedSend[] {
    const sends = this.waiting.get(conversationId) ?? [];
    this.waiting.delete(conversationId);
    return sends;
  }
}
