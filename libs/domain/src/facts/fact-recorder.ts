import type { NewEvent } from '#contracts';
import { appendEvents, type Database, holdLease, retryTransient, type Tx } from '#database';
import type { AccountFact, AccountFactType } from '#engine';
import { fewTries, type OwnedProfile } from '../messaging/owned-profile.js';

/** Facts of one type. */
export type FactOf<Type extends AccountFactType> = Extract<AccountFact, { type: Type }>;

/**
 * Stores facts of one type, set-based, and answers with the events of what they changed: none for what was so before.
 * Runs inside the recorder's transaction and may run twice.
 */
export type FactHandler<Type extends AccountFactType> = (
  tx: Tx,
  owned: OwnedProfile,
  facts: FactOf<Type>[],
) => Promise<NewEvent[]>;

export type FactHandlers = { readonly [Type in AccountFactType]?: FactHandler<Type> };

/** Stores what became known about the account, its chats, groups and people, each with its events in one transaction. */
export class FactRecorder {
  constructor(
    private readonly db: Database,
    private readonly handlers: FactHandlers,
  ) {}

  /** In the order of the facts. @throws LeaseLost */
  async record(owned: OwnedProfile, facts: AccountFact[]): Promise<void> {
    await retryTransient(
      () =>
        this.db.system(async (tx) => {
          await holdLease(tx, owned.lease);
          const events: NewEvent[] = [];
          for (const run of runsOf(facts)) events.push(...(await this.handle(tx, owned, run)));
          await appendEvents(tx, events);
        }),
      fewTries,
    );
  }

  private async handle(tx: Tx, owned: OwnedProfile, run: AccountFact[]): Promise<NewEvent[]> {
    const handler = this.handlers[run[0]!.type] as FactHandler<AccountFactType> | undefined;
    return (await handler?.(tx, owned, run)) ?? [];
  }
}

/** Neighbours of one type together: one statement for many, and their order is kept. */
function runsOf(facts: AccountFact[]): AccountFact[][] {
  const runs: AccountFact[][] = [];
  for (const fact of facts) {
    const last = runs.at(-1);
    if (last?.[0]?.type === fact.type) last.push(fact);
    else runs.push([fact]);
  }
  return runs;
}
