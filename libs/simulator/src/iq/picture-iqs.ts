import type { Account } from '../network/account.js';
import { allows } from '../network/accounts/privacy.js';
import type { Profiles } from '../network/accounts/profiles.js';
import type { Device } from '../network/device.js';
import type { Directory } from '../network/directory.js';
import { bytes, stanza } from '../wire/stanza.js';
import { IqRefusal, type IqRegistry } from './registry.js';

/** Pictures of what is no person, such as groups. Throws `IqRefusal` when the asker may not see or change it. */
export interface OtherPictures {
  /** The id of the picture at an address; undefined when there is none. */
  find(jid: string, asker: Account): string | undefined;
  /** Sets or, without an image, removes it. Returns the new id. */
  change(jid: string, image: Buffer | undefined, by: Device): string | undefined;
}

/** Profile pictures: get, set, remove. Pictures of addresses other than people's are `others`' business. */
export function registerPictureIqs(
  registry: IqRegistry,
  directory: Directory,
  profiles: Profiles,
  others: OtherPictures,
): void {
  registry
    .on('w:profile:picture', 'get', 'picture', ({ node, account, child }) => {
      const { target } = node.attrs;
      const owner = target ? directory.accountAt(target) : account;
      const id = owner ? pictureOf(owner, account) : others.find(target ?? '', account);
      if (!id) throw new IqRefusal(404, 'item-not-found');
      // whatsmeow `GetProfilePictureInfo`: who names the picture it has gets nothing new when it is still the one.
      if (child?.attrs.id === id) return [stanza('picture', { status: 304 })];
      const type = child?.attrs.type === 'preview' ? 'preview' : 'image';
      const { url, directPath } = profiles.pictures.pictureUrl(id, type);
      return [stanza('picture', { id, type, url, direct_path: directPath })];
    })
    .on('w:profile:picture', 'set', '*', ({ node, account, device, child }) => {
      const content = bytes(child);
      const image = content.length ? content : undefined;
      const { target } = node.attrs;
      const isOwn = !target || directory.accountAt(target) === account;
      if (!isOwn && directory.accountAt(target)) throw new IqRefusal(403, 'forbidden');
      const id = isOwn ? profiles.setPicture(account, image, device) : others.change(target, image, device);
      return id ? [stanza('picture', { id })] : undefined;
    });
}

/** 401 when the owner does not show it to the asker (whatsmeow `ErrProfilePictureUnauthorized`). */
function pictureOf(owner: Account, asker: Account): string | undefined {
  if (!allows(owner, asker, 'profile')) throw new IqRefusal(401, 'not-authorized');
  return owner.pictureId;
}
