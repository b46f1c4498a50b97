import { notification, stanza } from '../../wire/stanza.js';
import type { Account } from '../account.js';

const TOKEN_BYTES = 11;
const BUCKET_S = 604_800;
const BUCKETS = 4;

/**
 * Trusted contact tokens: whoever is written to gets one, and shows it when they write back, so that the network sees
 * that the contact is wanted. Stanzas and the window of 28 days as in Baileys `tc-token-utils` and `messages-send`.
 */
export class PrivacyTokens {
  /** `issuer` gives `holder` a token; the holder's devices hear of it at once. */
  issue(issuer: Account, holder: Account, issuedAt: number): void {
    const token = issuer.world.random.bytes(TOKEN_BYTES);
    issuer.card.tokens.set(holder, { token, issuedAt });
    const from = issuer.address(holder.addressing);
    for (const device of holder.devices.values()) {
      const attrs = { jid: device.address, t: issuedAt, type: 'trusted_contact' };
      const node = notification('privacy_token', [stanza('tokens', {}, [stanza('token', attrs, token)])], from);
      node.attrs.sender_lid = issuer.address('lid');
      device.deliver(node);
    }
  }

  /** True when `token` is the one that `recipient` gave to `sender`, and not too old. */
  isValid(sender: Account, recipient: Account, token: Buffer): boolean {
    const held = recipient.card.tokens.get(sender);
    if (!held?.token.equals(token)) return false;
    return this.isFresh(recipient, held.issuedAt);
  }

  /** True when `sender` holds a token of `recipient`: the chat between them is warm. */
  isWarm(sender: Account, recipient: Account): boolean {
    const held = recipient.card.tokens.get(sender);
    return held !== undefined && this.isFresh(recipient, held.issuedAt);
  }

  private isFresh(account: Account, issuedAt: number): boolean {
    const bucket = Math.floor(account.world.clock.now() / 1000 / BUCKET_S);
    return issuedAt >= (bucket - (BUCKETS - 1)) * BUCKET_S;
  }
}
