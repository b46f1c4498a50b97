import { type BinaryNode, getBinaryNodeChild, getBinaryNodeChildren } from '@whiskeysockets/baileys';
import type { BusinessProfile, OpeningHours } from '../../abilities/business.js';

/** Null when the answer has no profile in it: the account is no business (whatsmeow, user.go `parseBusinessProfile`). */
export function readBusinessProfile(answer: BinaryNode): BusinessProfile | null {
  const profile = getBinaryNodeChild(getBinaryNodeChild(answer, 'business_profile'), 'profile');
  if (!profile) return null;
  const hours = getBinaryNodeChild(profile, 'business_hours');
  const categories = getBinaryNodeChildren(getBinaryNodeChild(profile, 'categories'), 'category');
  return {
    address: textOf(getBinaryNodeChild(profile, 'address')),
    description: textOf(getBinaryNodeChild(profile, 'description')),
    email: textOf(getBinaryNodeChild(profile, 'email')),
    websites: getBinaryNodeChildren(profile, 'website').flatMap((node) => textOf(node) ?? []),
    categories: categories.map((node) => ({ id: node.attrs.id ?? '', name: textOf(node) ?? '' })),
    hours:
      (hours && {
        timeZone: hours.attrs.timezone ?? 'UTC',
        days: getBinaryNodeChildren(hours, 'business_hours_config').map(hoursOf),
      }) ||
      null,
    coverPhotoId: getBinaryNodeChild(profile, 'cover_photo')?.attrs.id ?? null,
  };
}

function hoursOf({ attrs }: BinaryNode): OpeningHours {
  return {
    day: attrs.day_of_week as OpeningHours['day'],
    mode: attrs.mode as OpeningHours['mode'],
    openMinute: attrs.open_time ? Number(attrs.open_time) : null,
    closeMinute: attrs.close_time ? Number(attrs.close_time) : null,
  };
}

function textOf(node: BinaryNode | undefined): string | null {
  if (typeof node?.content === 'string') return node.content || null;
  return node?.content instanceof Uint8Array ? Buffer.from(node.content).toString('utf8') || null : null;
}
