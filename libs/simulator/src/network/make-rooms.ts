import type { BinaryNode } from '../baileys.js';
import { registerCommunityIqs } from '../iq/community-iqs.js';
import { registerGroupIqs } from '../iq/group-iqs.js';
import { registerNewsletterIqs } from '../iq/newsletter-iqs.js';
import { registerNewsletterQueries } from '../iq/newsletter-queries.js';
import type { IqRegistry } from '../iq/registry.js';
import { registerStatusIqs } from '../iq/status-iqs.js';
import { child, children, stanza } from '../wire/stanza.js';
import type { Device } from './device.js';
import type { Directory } from './directory.js';
import type { Group } from './groups/group.js';
import { GroupCarrier } from './groups/group-carrier.js';
import { makeGroups } from './groups/group-services.js';
import { NewsletterCarrier } from './newsletters/newsletter-carrier.js';
import { Newsletters } from './newsletters/newsletters.js';
import type { Counters } from './observation.js';
import type { Presence } from './presence.js';
import type { Receipts } from './receipts.js';
import { Rooms } from './rooms.js';
import type { Router } from './router.js';
import { StatusAudiences } from './status/status-audiences.js';
import { StatusCarrier } from './status/status-carrier.js';

/** Where pictures of groups and newsletters are kept. */
export interface RoomPictures {
  putPicture(image: Buffer): string;
  pictureUrl(id: string): { directPath: string };
}

/** Makes groups, newsletters and the status, and lets messages and receipts find them. */
export function makeRooms(parts: {
  directory: Directory;
  pictures: RoomPictures;
  counters: Counters;
  router: Router;
  receipts: Receipts;
  presence: Presence;
}): Rooms {
  const { directory, pictures, counters, router, receipts, presence } = parts;
  const groups = makeGroups(directory);
  const rooms = new Rooms(directory, groups, new Newsletters(directory, pictures), new StatusAudiences());
  const newsletterCarrier = new NewsletterCarrier(rooms.newsletters, counters);
  router.carriers.set('g.us', new GroupCarrier(groups.groups, directory, counters));
  router.carriers.set('broadcast', new StatusCarrier(directory, counters));
  router.carriers.set('newsletter', newsletterCarrier);
  receipts.roomAddressing = (jid, author) => rooms.addressing(jid, author);
  presence.typingInRoom = (device, { attrs, content }) => showTyping(groups.groups.find(attrs.to), device, content);
  receipts.onView = (account, receipt) => {
    const places = children(child(receipt, 'list'), 'item').map(({ attrs }) => Number(attrs.server_id));
    newsletterCarrier.view(account, receipt.attrs.to, places);
  };
  return rooms;
}

/** Typing is shown to the other members who are there now. */
function showTyping(group: Group | undefined, typist: Device, content: BinaryNode['content']): void {
  if (!group?.has(typist.account)) return;
  const chatstate = stanza('chatstate', { from: group.jid, participant: group.addressOf(typist.account) }, content);
  for (const account of group.members.keys()) {
    if (account !== typist.account) for (const device of account.devices.values()) device.tell(chatstate);
  }
}

/** What clients ask about groups, communities and newsletters. After the questions that others answer. */
export function registerRoomIqs(
  registry: IqRegistry,
  rooms: Rooms,
  directory: Directory,
  pictures: RoomPictures,
): void {
  registerGroupIqs(registry, rooms.groups);
  registerCommunityIqs(registry, rooms.groups);
  registerStatusIqs(registry, rooms.audiences);
  registerNewsletterIqs(registry, rooms.newsletters);
  registerNewsletterQueries(registry, rooms.newsletters, directory, (image) => pictures.putPicture(image));
}
