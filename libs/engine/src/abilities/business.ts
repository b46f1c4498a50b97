import type { Address } from '../address.js';
import type { MethodsOf } from './ability.js';

export type Weekday = 'sun' | 'mon' | 'tue' | 'wed' | 'thu' | 'fri' | 'sat';

/** When a business is open on one day. Minutes are counted from midnight, only of `specific_hours`. */
export interface OpeningHours {
  day: Weekday;
  mode: 'specific_hours' | 'open_24h' | 'appointment_only';
  openMinute: number | null;
  closeMinute: number | null;
}

/** What a WhatsApp Business account shows of itself. */
export interface BusinessProfile {
  address: string | null;
  description: string | null;
  email: string | null;
  websites: string[];
  categories: { id: string; name: string }[];
  hours: { timeZone: string; days: OpeningHours[] } | null;
  coverPhotoId: string | null;
}

/** Absent: left as it is. */
export type BusinessProfileChange = Partial<Pick<BusinessProfile, 'address' | 'description' | 'email' | 'websites'>> & {
  hours?: { timeZone: string; days: OpeningHours[] };
};

/** Of a catalog. */
export interface Product {
  id: string;
  name: string;
  description: string;
  retailerId: string | null;
  url: string | null;
  /** In thousandths of the currency. */
  priceThousandths: number;
  currency: string;
  isHidden: boolean;
  isAvailable: boolean;
  imageUrls: string[];
}

/** What an order says; made by a customer out of a catalog. */
export interface Order {
  currency: string;
  totalThousandths: number;
  items: { productId: string; name: string; quantity: number; priceThousandths: number; currency: string }[];
}

/** What a short link of a business leads to. */
export interface BusinessLink {
  person: Address;
  pushName: string | null;
  verifiedName: string | null;
  /** What the link puts into the input field. */
  message: string | null;
}

/** WhatsApp Business. Of accounts that are none, profiles are null and catalogs `not_found`. */
export interface BusinessAbility {
  profile(of: Address): Promise<BusinessProfile | null>;
  /** Changes the own profile. @throws EngineError `not_found` when this account is no business */
  update(change: BusinessProfileChange): Promise<void>;
  /** @param cursor where the page before ended */
  catalog(
    of: Address,
    page: { limit: number; cursor: string | null },
  ): Promise<{ products: Product[]; cursor: string | null }>;
  collections(of: Address): Promise<{ id: string; name: string; products: Product[] }[]>;
  /** Of an order message; the token came with it. */
  order(orderId: string, token: string): Promise<Order>;
  /** Leads from a short link (wa.me/message/…) to the business behind it. */
  resolveLink(link: string): Promise<BusinessLink>;
  /** The own link for others to scan (wa.me/qr/…). @param renew voids the one before */
  contactLink(renew: boolean): Promise<{ url: string }>;
}

export const businessMethods: MethodsOf<BusinessAbility> = {
  profile: 'reads',
  update: 'changes',
  catalog: 'reads',
  collections: 'reads',
  order: 'reads',
  resolveLink: 'reads',
  contactLink: 'changes',
};
