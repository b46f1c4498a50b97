import type { BinaryNode } from '../baileys.js';
import type { Account } from '../network/account.js';
import type { PrivacyTokens } from '../network/accounts/privacy-tokens.js';
import type { Profiles } from '../network/accounts/profiles.js';
import type { Directory } from '../network/directory.js';
import { bytes, children, stanza, wireTime } from '../wire/stanza.js';
import { IqRefusal, type IqRegistry } from './registry.js';

/** About text, privacy, tokens, block list and disappearing messages of the asking account. */
export function registerProfileIqs(
  registry: IqRegistry,
  directory: Directory,
  profiles: Profiles,
  tokens: PrivacyTokens,
): void {
  registry
    .on('privacy', 'get', '*', ({ account }) => [privacyNode(account)])
    .on('privacy', 'set', 'privacy', ({ account, device, child }) => {
      for (const category of children(child, 'category')) {
        const { name = '', value = '' } = category.attrs;
        const exempt = children(category, 'user').flatMap(({ attrs }) => directory.accountAt(attrs.jid) ?? []);
        const options = { by: device, ...(exempt.length ? { exempt } : {}) };
        if (!profiles.setPrivacy(account, name, value, options)) throw new IqRefusal(400, 'bad-request');
      }
      return [privacyNode(account)];
    })
    .on('privacy', 'set', 'tokens', ({ account, child, after }) => {
      for (const { attrs } of children(child, 'token')) {
        const holder = directory.accountAt(attrs.jid);
        if (!holder || attrs.type !== 'trusted_contact') continue;
        after(() => tokens.issue(account, holder, Number(attrs.t ?? wireTime(account.world.clock))));
      }
      return undefined;
    })
    .on('blocklist', 'get', '*', ({ account }) => [blockList(account)])
    .on('blocklist', 'set', 'item', ({ account, device, child }) => {
      const other = directory.accountAt(child?.attrs.jid);
      if (!other) throw new IqRefusal(404, 'item-not-found');
      if (child?.attrs.action === 'block') profiles.block(account, other, device);
      else profiles.unblock(account, other, device);
      return [blockList(account)];
    })
    .on('status', 'set', 'status', ({ account, device, child }) => {
      profiles.setAbout(account, bytes(child).toString(), device);
      return undefined;
    })
    .on('disappearing_mode', 'set', 'disappearing_mode', ({ account, device, child }) => {
      const seconds = Number(child?.attrs.duration);
      if (!Number.isInteger(seconds) || seconds < 0) throw new IqRefusal(400, 'bad-request');
      profiles.setDisappearing(account, seconds, device);
      return undefined;
    });
}

const privacyNode = (account: Account): BinaryNode =>
  stanza(
    'privacy',
    {},
    [...account.privacy].map(([name, value]) => stanza('category', { name, value })),
  );

const blockList = (account: Account): BinaryNode =>
  stanza(
    'list',
    {},
    [...account.blocked].map((jid) => stanza('item', { jid })),
  );
