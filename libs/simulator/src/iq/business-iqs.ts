import type { BinaryNode } from '../baileys.js';
import type { Account } from '../network/account.js';
import type { Business, BusinessProfile, OpeningHours } from '../network/accounts/business.js';
import type { Directory } from '../network/directory.js';
import { bytes, child, children, stanza } from '../wire/stanza.js';
import { IqRefusal, type IqRegistry } from './registry.js';

const FIELDS = ['address', 'email', 'description'] as const;

/** Business profiles: those of others, and changes of the own one (Baileys `business.js` and `getBusinessProfile`). */
export function registerBusinessIqs(registry: IqRegistry, directory: Directory): void {
  registry
    .on('w:biz', 'get', 'business_profile', ({ child: query }) => {
      const profiles = children(query, 'profile').flatMap(({ attrs }) => {
        const business = directory.accountAt(attrs.jid)?.card.business;
        return business && attrs.jid ? [profileNode(attrs.jid, business.profile)] : [];
      });
      return [stanza('business_profile', { v: query?.attrs.v }, profiles)];
    })
    .on('w:biz', 'set', 'business_profile', ({ account, child: change }) => {
      applyChange(businessOf(account), change);
      return undefined;
    });
}

/** Only businesses have what businesses have. */
export function businessOf(account: Account | undefined): Business {
  const business = account?.card.business;
  if (!business) throw new IqRefusal(404, 'item-not-found');
  return business;
}

const text = (tag: string, value: string | undefined): BinaryNode[] =>
  value === undefined ? [] : [stanza(tag, {}, Buffer.from(value))];

function profileNode(jid: string, profile: BusinessProfile): BinaryNode {
  const { address, description, email, websites, category, hours, coverPhoto } = profile;
  return stanza('profile', { jid }, [
    ...text('address', address),
    ...text('description', description),
    ...text('email', email),
    ...websites.flatMap((website) => text('website', website)),
    ...(category
      ? [stanza('categories', {}, [stanza('category', { id: category.id }, Buffer.from(category.name))])]
      : []),
    ...(hours ? [stanza('business_hours', { timezone: hours.timezone }, hours.days.map(hoursNode))] : []),
    ...(coverPhoto ? [stanza('cover_photo', { id: coverPhoto })] : []),
  ]);
}

const hoursNode = ({ day, mode, openMinute, closeMinute }: OpeningHours): BinaryNode =>
  stanza('business_hours_config', { day_of_week: day, mode, open_time: openMinute, close_time: closeMinute });

function applyChange({ profile }: Business, change: BinaryNode | undefined): void {
  for (const name of FIELDS) {
    const node = child(change, name);
    if (node) profile[name] = bytes(node).toString();
  }
  const websites = children(change, 'website');
  if (websites.length) profile.websites = websites.map((node) => bytes(node).toString());
  const hours = child(change, 'business_hours');
  if (hours) {
    const days = children(hours, 'business_hours_config').map(({ attrs }): OpeningHours => {
      const { day_of_week, mode, open_time, close_time } = attrs;
      return {
        day: day_of_week as OpeningHours['day'],
        mode: mode as OpeningHours['mode'],
        ...(open_time ? { openMinute: Number(open_time), closeMinute: Number(close_time) } : {}),
      };
    });
    profile.hours = { timezone: hours.attrs.timezone ?? 'UTC', days };
  }
  const cover = child(change, 'cover_photo');
  if (cover) profile.coverPhoto = cover.attrs.op === 'delete' ? undefined : cover.attrs.id;
}
