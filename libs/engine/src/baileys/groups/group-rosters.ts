import type { GroupFact, GroupInfo } from '../../facts/group-facts.js';
import { continueRoster, type GroupRoster, rosterOf } from '../../group-roster.js';

export interface RosterSources {
  /** What was stored of the group; null when its members are not known. Sees every fact that was told so far. */
  stored(groupId: string): Promise<GroupRoster | null>;
  /** Asks the server. */
  lookUp(groupId: string): Promise<GroupInfo>;
}

/** Most members in memory over all groups: some 3 MB. */
const maxMembers = 40_000;
/** Two look-ups of a group that differ with the server again and again are our mistake, not its news. */
const trustMs = 10 * 60_000;

interface Loading {
  roster: Promise<GroupRoster>;
  /** What was told meanwhile: the answer may be older. */
  told: GroupFact[];
}

/**
 * Who is in each group, for sending: in memory for the groups in use, from the stored facts otherwise, from the server
 * only when those do not suffice. One look-up at a time for each group, and no second one until something was missed.
 */
export class GroupRosters {
  /** Most recently used last. */
  private readonly known = new Map<string, GroupRoster>();
  private readonly loading = new Map<string, Loading>();
  /** Not to be taken from what is stored. */
  private readonly stale = new Set<string>();
  private readonly lookedUpAt = new Map<string, number>();
  private members = 0;

  constructor(
    private readonly sources: RosterSources,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** What is in memory. */
  peek(groupId: string): GroupRoster | undefined {
    return this.known.get(groupId);
  }

  /** @throws EngineError of the look-up */
  async get(groupId: string): Promise<GroupRoster> {
    const known = this.known.get(groupId);
    if (known) {
      this.known.delete(groupId);
      this.known.set(groupId, known);
      return known;
    }
    const loading = this.loading.get(groupId) ?? this.load(groupId);
    return loading.roster;
  }

  /** Keeps up with what becomes known. */
  take(fact: GroupFact): void {
    if (fact.type === 'group_list') return;
    const groupId = fact.type === 'group' ? fact.group.id : fact.groupId;
    this.loading.get(groupId)?.told.push(fact);
    if (fact.type === 'group') {
      this.stale.delete(groupId);
      if (fact.source === 'lookup') this.lookedUpAt.set(groupId, this.now());
    }
    const known = this.known.get(groupId);
    if (known) this.put(groupId, continueRoster(known, fact));
  }

  /**
   * Something about the group is not as we have it: it is looked up before it is used again.
   * @returns false when it was looked up lately, so that another look would tell the same
   */
  doubt(groupId: string): boolean {
    const at = this.lookedUpAt.get(groupId);
    if (at !== undefined && this.now() - at < trustMs) return false;
    this.put(groupId, null);
    this.stale.add(groupId);
    return true;
  }

  private load(groupId: string): Loading {
    const told: GroupFact[] = [];
    const roster = this.fetch(groupId, told).finally(() => this.loading.delete(groupId));
    const loading = { roster, told };
    this.loading.set(groupId, loading);
    return loading;
  }

  private async fetch(groupId: string, told: GroupFact[]): Promise<GroupRoster> {
    const stored = this.stale.has(groupId) ? null : continued(await this.sources.stored(groupId), told);
    const roster = stored ?? (await this.lookUp(groupId, told));
    this.put(groupId, roster);
    return roster;
  }

  private async lookUp(groupId: string, told: GroupFact[]): Promise<GroupRoster> {
    told.length = 0;
    const group = await this.sources.lookUp(groupId);
    this.stale.delete(groupId);
    this.lookedUpAt.set(groupId, this.now());
    const fresh = rosterOf(group) ?? { ...group, members: [] };
    // What was told while the answer was on its way is in it already, as a rule; once more does no harm.
    return continued(fresh, told) ?? fresh;
  }

  private put(groupId: string, roster: GroupRoster | null): void {
    this.members -= this.known.get(groupId)?.members.length ?? 0;
    this.known.delete(groupId);
    if (!roster) return;
    this.known.set(groupId, roster);
    this.members += roster.members.length;
    for (const [oldest, { members }] of this.known) {
      if (this.members <= maxMembers || oldest === groupId) break;
      this.known.delete(oldest);
      this.members -= members.length;
    }
  }
}

function continued(roster: GroupRoster | null, told: GroupFact[]): GroupRoster | null {
  return told.reduce<GroupRoster | null>((at, fact) => at && continueRoster(at, fact), roster);
}
