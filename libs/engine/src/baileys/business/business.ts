import { type BinaryNode, getBinaryNodeChild } from '@whiskeysockets/baileys';
import type {
  BusinessAbility,
  BusinessLink,
  BusinessProfile,
  BusinessProfileChange,
  OpeningHours,
  Order,
  Product,
} from '../../abilities/business.js';
import { type Address, parseJid, toJid } from '../../address.js';
import { ask, askOrNull, refusedWith } from '../ask.js';
import type { LiveSocket } from '../live-socket.js';
import { readBusinessProfile } from './business-profile.js';

const messageLink = /^(?:https?:\/\/(?:wa\.me|api\.whatsapp\.com)\/message\/)?([A-Za-z0-9]{5,40})\/?$/;

type LibraryProduct = Awaited<ReturnType<ReturnType<LiveSocket['socket']>['getCatalog']>>['products'][number];

/** See `BusinessAbility`. */
export class BaileysBusiness implements BusinessAbility {
  constructor(private readonly live: LiveSocket) {}

  async profile(of: Address): Promise<BusinessProfile | null> {
    const query: BinaryNode = {
      tag: 'business_profile',
      attrs: { v: '244' },
      content: [{ tag: 'profile', attrs: { jid: toJid(of) } }],
    };
    const iq = { tag: 'iq', attrs: { to: 's.whatsapp.net', xmlns: 'w:biz', type: 'get' }, content: [query] };
    const answer = await askOrNull('reading a business profile', () => this.live.socket().query(iq));
    return answer && readBusinessProfile(answer);
  }

  async update({ hours, ...fields }: BusinessProfileChange): Promise<void> {
    const { address, description, email, websites } = fields;
    await ask('changing the business profile', () =>
      this.live.socket().updateBussinesProfile({
        // An empty text takes a field out.
        ...(address === undefined ? {} : { address: address ?? '' }),
        ...(description === undefined ? {} : { description: description ?? '' }),
        ...(email === undefined ? {} : { email: email ?? '' }),
        ...(websites === undefined ? {} : { websites }),
        ...(hours ? { hours: { timezone: hours.timeZone, days: hours.days.map(libraryHours) } } : {}),
      }),
    );
  }

  async catalog(
    of: Address,
    { limit, cursor }: { limit: number; cursor: string | null },
  ): ReturnType<BusinessAbility['catalog']> {
    const { products, nextPageCursor } = await ask('reading a catalog', () =>
      this.live.socket().getCatalog({ jid: toJid(of), limit, ...(cursor ? { cursor } : {}) }),
    );
    return { products: products.map(productOf), cursor: nextPageCursor || null };
  }

  async collections(of: Address): ReturnType<BusinessAbility['collections']> {
    const { collections } = await ask('reading collections', () => this.live.socket().getCollections(toJid(of)));
    return collections.map(({ id, name, products }) => ({ id, name, products: products.map(productOf) }));
  }

  async order(orderId: string, token: string): Promise<Order> {
    const { price, products } = await ask('reading an order', () => this.live.socket().getOrderDetails(orderId, token));
    return {
      currency: price.currency,
      totalThousandths: price.total,
      items: products.map((item) => ({
        productId: item.id,
        name: item.name,
        quantity: item.quantity,
        priceThousandths: item.price,
        currency: item.currency,
      })),
    };
  }

  /** whatsmeow, user.go `ResolveBusinessMessageLink`. */
  async resolveLink(link: string): Promise<BusinessLink> {
    const code = messageLink.exec(link.trim())?.[1];
    if (!code) throw refusedWith('this is no short link of a business', 400);
    const qr = await this.askForCode('get', { code });
    const person = parseJid(qr?.attrs.jid);
    if (!qr || !person) throw refusedWith('reading a short link', 404);
    const business = getBinaryNodeChild(qr, 'business');
    const message = getBinaryNodeChild(qr, 'message')?.content;
    return {
      person: await this.live.book.complete(person),
      pushName: qr.attrs.notify ?? null,
      verifiedName: business?.attrs.verified_name ?? null,
      message: message instanceof Uint8Array ? Buffer.from(message).toString('utf8') : null,
    };
  }

  /** whatsmeow, user.go `GetContactQRLink`. */
  async contactLink(renew: boolean): Promise<{ url: string }> {
    const qr = await this.askForCode('set', { type: 'contact', action: renew ? 'revoke' : 'get' });
    if (!qr?.attrs.code) throw refusedWith('asking for the own link', 404);
    return { url: `https://wa.me/qr/${qr.attrs.code}` };
  }

  private async askForCode(type: 'get' | 'set', attrs: Record<string, string>): Promise<BinaryNode | undefined> {
    const iq = {
      tag: 'iq',
      attrs: { to: 's.whatsapp.net', xmlns: 'w:qr', type },
      content: [{ tag: 'qr', attrs }],
    };
    return getBinaryNodeChild(await ask('asking about a link', () => this.live.socket().query(iq)), 'qr');
  }
}

function libraryHours({ day, mode, openMinute, closeMinute }: OpeningHours) {
  if (mode !== 'specific_hours') return { day, mode };
  return {
    day,
    mode,
    openTimeInMinutes: String(openMinute ?? 0),
    closeTimeInMinutes: String(closeMinute ?? 1440),
  };
}

function productOf(product: LibraryProduct): Product {
  const { id, name, description, retailerId, url, price, currency, isHidden, availability, imageUrls } = product;
  return {
    id,
    name,
    description,
    retailerId: retailerId || null,
    url: url || null,
    priceThousandths: price,
    currency,
    isHidden: isHidden === true,
    isAvailable: availability === 'in stock',
    imageUrls: Object.values(imageUrls).filter((each): each is string => typeof each === 'string' && each !== ''),
  };
}
