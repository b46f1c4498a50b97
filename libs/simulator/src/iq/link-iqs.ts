import type { Account } from '../network/account.js';
import type { Directory } from '../network/directory.js';
import { stanza } from '../wire/stanza.js';
import { IqRefusal, type IqRegistry } from './registry.js';

/**
 * Short links: the own one for others to scan, and those of businesses that open a chat (whatsmeow, user.go
 * `GetContactQRLink` and `ResolveBusinessMessageLink`).
 */
export function registerLinkIqs(registry: IqRegistry, directory: Directory): void {
  registry
    .on('w:qr', 'set', 'qr', ({ account, child }) => {
      if (child?.attrs.type !== 'contact') throw new IqRefusal(400, 'bad-request');
      if (!account.card.contactCode || child.attrs.action === 'revoke') account.card.contactCode = newCode(account);
      return [stanza('qr', { code: account.card.contactCode, type: 'contact' })];
    })
    .on('w:qr', 'get', 'qr', ({ account: asker, child }) => {
      for (const account of directory.accounts) {
        const link = account.card.business?.links.find(({ code }) => code === child?.attrs.code);
        if (!link) continue;
        const { verifiedName } = account.card.business?.profile ?? {};
        return [
          stanza('qr', { jid: account.address(asker.addressing), notify: account.name, type: 'message' }, [
            ...(link.message ? [stanza('message', {}, Buffer.from(link.message))] : []),
            stanza('business', { is_signed: 'false', verified_name: verifiedName }),
          ]),
        ];
      }
      throw new IqRefusal(404, 'item-not-found');
    });
}

const newCode = (account: Account): string => account.world.random.hex(10).toUpperCase();
