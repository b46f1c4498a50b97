import { type BinaryNode, getBinaryNodeChild, getBinaryNodeChildren, proto } from '@whiskeysockets/baileys';
import type { NewsletterFollower, NewsletterPost } from '../../abilities/newsletters.js';
import { joinAddresses, parseJid } from '../../address.js';
import type { NewsletterInfo, NewsletterRole } from '../../facts/newsletter-facts.js';
import { contentFrom } from '../content/from-message.js';

/** A newsletter as GraphQL answers describe it (whatsmeow, types/newsletter.go, `NewsletterMetadata`). */
export interface NewsletterData {
  id?: string;
  state?: { type?: string };
  thread_metadata?: {
    creation_time?: string;
    name?: { text?: string } | string;
    description?: { text?: string } | string;
    invite?: string;
    picture?: { id?: string } | string;
    settings?: { reaction_codes?: { value?: string } };
    subscribers_count?: string;
    verification?: string;
  };
  viewer_metadata?: { mute?: string; role?: string } | null;
}

/** Followers as far as the server shows them (whatsmeow, newsletter.go, `queryNewsletterSubscribers`). */
export interface FollowersData {
  subscribers?: { edges?: FollowerEdge[] };
}

interface FollowerEdge {
  node?: { id?: string; pn?: string; display_name?: string };
  role?: string;
}

export function followerFrom({ node, role }: FollowerEdge): NewsletterFollower | null {
  const person = joinAddresses(parseJid(node?.id), parseJid(node?.pn));
  return person && { person, name: node?.display_name || null, role: roleOf(role) };
}

/** The part before the `@` of a newsletter's JID. */
export function newsletterIdOf(jid: string | undefined): string | null {
  return /^(\d{5,40})@newsletter$/.exec(jid ?? '')?.[1] ?? null;
}

export const newsletterJid = (newsletterId: string): string => `${newsletterId}@newsletter`;

/** Null when it names none, or one that is deleted. */
export function newsletterFrom(data: NewsletterData | null | undefined): NewsletterInfo | null {
  const id = newsletterIdOf(data?.id);
  if (!id || data?.state?.type === 'DELETED') return null;
  const thread = data!.thread_metadata ?? {};
  const seconds = Number(thread.creation_time);
  return {
    id,
    name: textOf(thread.name),
    description: textOf(thread.description),
    invite: thread.invite ?? '',
    createdAt: seconds > 0 ? new Date(seconds * 1000) : null,
    subscriberCount: thread.subscribers_count === undefined ? null : Number(thread.subscribers_count),
    isVerified: thread.verification === 'VERIFIED',
    pictureId: pictureOf(thread.picture),
    role: roleOf(data!.viewer_metadata?.role),
    muted: data!.viewer_metadata?.mute === 'ON',
    reactions: reactionsOf(thread.settings?.reaction_codes?.value),
  };
}

export function textOf(value: { text?: string } | string | undefined): string {
  return (typeof value === 'string' ? value : value?.text) ?? '';
}

export function roleOf(role: string | undefined): NewsletterRole {
  const known = role?.toLowerCase();
  return known === 'subscriber' || known === 'admin' || known === 'owner' ? known : 'none';
}

function reactionsOf(value: string | undefined): NewsletterInfo['reactions'] {
  const known = value?.toLowerCase();
  return known === 'basic' || known === 'none' ? known : 'all';
}

function pictureOf(value: { id?: string } | string | undefined): string | null {
  return (typeof value === 'string' ? value : value?.id) || null;
}

/** A `message` node of a list of posts, or of counts (whatsmeow, `parseNewsletterMessages`). */
export function postFrom(node: BinaryNode): NewsletterPost | null {
  const { id, server_id: serverId, t } = node.attrs;
  if (!serverId) return null;
  const seconds = Number(t);
  const views = getBinaryNodeChild(node, 'views_count')?.attrs.count;
  const reactions = getBinaryNodeChildren(getBinaryNodeChild(node, 'reactions'), 'reaction').flatMap(({ attrs }) =>
    attrs.code ? [[attrs.code, Number(attrs.count) || 0] as const] : [],
  );
  const plaintext = getBinaryNodeChild(node, 'plaintext')?.content;
  return {
    serverId,
    waMessageId: id ?? '',
    postedAt: seconds > 0 ? new Date(seconds * 1000) : null,
    content: plaintext instanceof Uint8Array && plaintext.length > 0 ? contentOf(plaintext) : null,
    views: views === undefined ? null : Number(views),
    reactions: Object.fromEntries(reactions),
  };
}

function contentOf(plaintext: Uint8Array): NewsletterPost['content'] {
  return contentFrom(proto.Message.decode(plaintext))?.content ?? null;
}
