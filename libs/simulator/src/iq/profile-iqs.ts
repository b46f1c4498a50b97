import type { Directory } from '../network/directory.js';
import { bytes, children, stanza } from '../wire/stanza.js';
import { IqRefusal, type IqRegistry } from './registry.js';

/** Where profile pictures are kept and fetched. */
export interface PictureHost {
  /** Stores a picture and returns the id under which `pictureUrl` finds it. */
  putPicture(image: Buffer): string;
  pictureUrl(id: string): { url: string; directPath: string };
}

/** Profile, privacy and block list of the asking account, and pictures of others. */
export function registerProfileIqs(registry: IqRegistry, directory: Directory, pictures: PictureHost): void {
  registry
    .on('privacy', 'get', '*', ({ account }) => [
      stanza(
        'privacy',
        {},
        [...account.privacy].map(([name, value]) => stanza('category', { name, value })),
      ),
    ])
    .on('privacy', 'set', 'privacy', ({ account, child }) => {
      for (const { attrs } of children(child, 'category')) account.privacy.set(attrs.name ?? '', attrs.value ?? '');
      return undefined;
    })
    .on('privacy', 'set', 'tokens', () => undefined)
    .on('blocklist', 'get', '*', ({ account }) => [
      stanza(
        'list',
        {},
        [...account.blocked].map((jid) => stanza('item', { jid })),
      ),
    ])
    .on('blocklist', 'set', 'item', ({ account, child }) => {
      const blocked = directory.accountAt(child?.attrs.jid);
      if (!blocked) throw new IqRefusal(404, 'item-not-found');
      if (child?.attrs.action === 'block') account.blocked.add(blocked.address('lid'));
      else account.blocked.delete(blocked.address('lid'));
      return [
        stanza(
          'list',
          {},
          [...account.blocked].map((jid) => stanza('item', { jid })),
        ),
      ];
    })
    .on('status', 'set', 'status', ({ account, child }) => {
      account.about = bytes(child).toString();
      return undefined;
    })
    .on('disappearing_mode', 'set', 'disappearing_mode', () => undefined)
    .on('w:profile:picture', 'get', 'picture', ({ node, account }) => {
      const owner = node.attrs.target ? directory.accountAt(node.attrs.target) : account;
      if (!owner?.pictureId) throw new IqRefusal(404, 'item-not-found');
      const { url, directPath } = pictures.pictureUrl(owner.pictureId);
      return [stanza('picture', { id: owner.pictureId, type: 'image', url, direct_path: directPath })];
    })
    .on('w:profile:picture', 'set', '*', ({ account, child }) => {
      const image = bytes(child);
      account.pictureId = image.length ? pictures.putPicture(image) : undefined;
      return account.pictureId ? [stanza('picture', { id: account.pictureId })] : undefined;
    });
}
