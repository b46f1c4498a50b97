import type { AudiencePart, ExclusionReason } from '#contracts';
import { type ContactsWanted, type GivenAddresses, readSegmentFilters, type Tx } from '#database';
import { type ChatAddress, parseChat, userChat } from '#engine';

/** Parts of an audience that are written out in their own order; the others are contacts, in the order of their ids. */
export type ListedPart = Extract<AudiencePart, { type: 'numbers' | 'people' }>;

export function isListed(part: AudiencePart): part is ListedPart {
  return part.type === 'numbers' || part.type === 'people';
}

/** Addresses of a part from a place on, with what is wrong with them. */
export function givenOf(part: ListedPart, from: number, count: number): GivenAddresses {
  const people = part.type === 'people' ? part.value : part.value.map((to) => ({ to, variables: undefined }));
  const some = people.slice(from, from + count);
  const chats = some.map(({ to }) => parseChat(to));
  return {
    addresses: some.map(({ to }, index) => addressOf(chats[index] ?? null) ?? to),
    problems: chats.map((chat) => (addressOf(chat) === null ? 'invalid_address' : null)),
    variables: some.map(({ variables }) => (variables ? JSON.stringify(variables) : null)),
  };
}

/** Groups, each as a row of its own. */
export function givenGroups(groups: readonly { waId: string; problem?: ExclusionReason }[]): GivenAddresses {
  return {
    addresses: groups.map(({ waId }) => addressOf({ kind: 'group', id: waId })!),
    problems: groups.map(({ problem }) => problem ?? null),
    variables: groups.map(() => null),
  };
}

/** How recipients are named in the database: by the phone number where there is one. Null for what no broadcast is sent to. */
export function addressOf(chat: ChatAddress | null): string | null {
  switch (chat?.kind) {
    case 'user':
      return chat.phone === null ? `lid:${chat.lid}` : `phone:${chat.phone}`;
    case 'group':
    case 'newsletter':
      return `${chat.kind}:${chat.id}`;
    default:
      return null;
  }
}

/** The chat at an address of the database. */
export function chatAt(address: string): ChatAddress {
  const kind = address.slice(0, address.indexOf(':'));
  const value = address.slice(kind.length + 1);
  if (kind === 'phone') return userChat({ phone: value, lid: null });
  if (kind === 'lid') return userChat({ phone: null, lid: value });
  return { kind: kind as 'group' | 'newsletter', id: value };
}

/** A part of an audience that is made of contacts. Segments are what they are at this moment. */
export async function contactsOf(
  tx: Tx,
  part: Exclude<AudiencePart, ListedPart | { type: 'groups' | 'members' | 'file' }>,
  { profileId, organizationId }: { profileId: string; organizationId: string },
): Promise<ContactsWanted> {
  const any = { profileId, filter: null, ids: null };
  switch (part.type) {
    case 'all':
      return any;
    case 'contacts':
      return { ...any, ids: part.value };
    case 'tags':
      return { ...any, filter: { field: 'tags', op: 'any', value: part.value } };
    case 'filter':
      return { ...any, filter: part.value };
    case 'segments':
      return { ...any, filter: { or: await readSegmentFilters(tx, organizationId, part.value) } };
  }
}
