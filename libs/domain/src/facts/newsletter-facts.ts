import { type NewEvent, type NewsletterShown, type NewsletterUpdated, newId } from '#contracts';
import { findOtherNewsletters, lockNewsletters, type NewsletterRow, saveNewsletters, type Tx } from '#database';
import type { NewsletterFact } from '#engine';
import type { OwnedProfile } from '../messaging/owned-profile.js';
import type { FactHandler, FactHandlers, FactOf } from './fact-recorder.js';

type NamingOne = Exclude<NewsletterFact, { type: 'newsletter_list' }>;

/** Stores what facts say of newsletters one after the other, and tells what is another now. */
function storing<Type extends NamingOne['type']>(
  next: (before: NewsletterRow, fact: FactOf<Type>) => NewsletterRow,
): FactHandler<Type> {
  return async (tx, owned, facts) => {
    const rows = await lockNewsletters(tx, owned.lease.profileId, [...new Set(facts.map(idOf))]);
    const before = new Map(rows);
    for (const fact of facts) {
      const waId = idOf(fact);
      rows.set(waId, next(rows.get(waId) ?? unknown(waId), fact));
    }
    return told(tx, owned, before, [...rows.values()]);
  };
}

/** What is no longer listed is followed no more. */
const storeList: FactHandler<'newsletter_list'> = async (tx, owned, facts) => {
  const others = await findOtherNewsletters(tx, owned.lease.profileId, facts.at(-1)!.newsletterIds);
  const before = new Map(others.map((row) => [row.waId, row]));
  return told(
    tx,
    owned,
    before,
    others.map((row) => ({ ...row, role: 'none' as const })),
  );
};

/** Counts are of the moment: told, not kept. */
const tellCounts: FactHandler<'newsletter_counts'> = async (tx, owned, facts) => {
  const rows = await lockNewsletters(tx, owned.lease.profileId, [...new Set(facts.map(idOf))]);
  return facts.flatMap((fact) => {
    const row = rows.get(fact.newsletterId);
    if (!row) return [];
    const { serverId, views = null, reactions = null } = fact;
    return [event(owned, 'newsletter.post_counted', { ...shown(row), serverId, views, reactions })];
  });
};

export const newsletterFactHandlers: FactHandlers = {
  newsletter: storing<'newsletter'>((before, { newsletter }) => ({
    ...before,
    name: newsletter.name,
    description: newsletter.description,
    invite: newsletter.invite,
    role: newsletter.role,
    isMuted: newsletter.muted,
    deletedAt: null,
  })),
  newsletter_changed: storing<'newsletter_changed'>((before, { name, description }) => ({
    ...before,
    name: name ?? before.name,
    description: description ?? before.description,
  })),
  newsletter_role: storing<'newsletter_role'>((before, { role, muted }) => ({
    ...before,
    role: role ?? before.role,
    isMuted: muted ?? before.isMuted,
  })),
  newsletter_deleted: storing<'newsletter_deleted'>((before, { at }) => ({
    ...before,
    role: 'none',
    deletedAt: before.deletedAt ?? at,
  })),
  newsletter_list: storeList,
  newsletter_counts: tellCounts,
};

async function told(
  tx: Tx,
  owned: OwnedProfile,
  before: Map<string, NewsletterRow>,
  after: NewsletterRow[],
): Promise<NewEvent[]> {
  const news = after.flatMap((row) => {
    const changes = changesBetween(before.get(row.waId) ?? unknown(row.waId), row);
    return Object.keys(changes).length > 0 ? [{ row, changes }] : [];
  });
  await saveNewsletters(
    tx,
    owned.lease,
    news.map(({ row }) => row),
  );
  return news.map(({ row, changes }) => event(owned, 'newsletter.updated', { ...shown(row), changes }));
}

function changesBetween(before: NewsletterRow, after: NewsletterRow): NewsletterUpdated['changes'] {
  const is = (row: NewsletterRow) => ({
    name: row.name ?? undefined,
    description: row.description ?? undefined,
    role: row.role,
    isMuted: row.isMuted,
    isDeleted: row.deletedAt !== null,
  });
  const was: Record<string, unknown> = is(before);
  return Object.fromEntries(Object.entries(is(after)).filter(([name, value]) => was[name] !== value));
}

function event<N extends 'newsletter.updated' | 'newsletter.post_counted'>(
  { lease }: OwnedProfile,
  name: N,
  payload: NewEvent<N>['payload'],
): NewEvent {
  const { organizationId, profileId } = lease;
  return { organizationId, profileId, name, actor: { kind: 'whatsapp' }, payload } as NewEvent;
}

const idOf = (fact: NamingOne): string => (fact.type === 'newsletter' ? fact.newsletter.id : fact.newsletterId);

const shown = ({ id, waId, name }: NewsletterRow): NewsletterShown => ({
  newsletterId: id,
  chatId: `${waId}@newsletter`,
  name,
});

const unknown = (waId: string): NewsletterRow => ({
  id: newId(),
  waId,
  name: null,
  description: null,
  invite: null,
  role: 'none',
  isMuted: false,
  deletedAt: null,
});
