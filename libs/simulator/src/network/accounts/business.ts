/** When a business is open on one day of the week. Minutes are counted from midnight. */
export interface OpeningHours {
  day: 'sun' | 'mon' | 'tue' | 'wed' | 'thu' | 'fri' | 'sat';
  mode: 'specific_hours' | 'open_24h' | 'appointment_only';
  openMinute?: number;
  closeMinute?: number;
}

export interface BusinessProfile {
  /** The name that WhatsApp has verified; others see it as such. */
  verifiedName?: string;
  description?: string;
  address?: string;
  email?: string;
  websites: string[];
  category?: { id: string; name: string };
  hours?: { timezone: string; days: OpeningHours[] };
  /** Id of the cover photo. */
  coverPhoto?: string;
}

export interface Product {
  id: string;
  name: string;
  description?: string;
  retailerId?: string;
  url?: string;
  /** In thousandths of the currency. */
  price: number;
  currency: string;
  isHidden: boolean;
  imageUrls: string[];
  originCountryCode?: string;
}

export interface Collection {
  id: string;
  name: string;
  productIds: string[];
}

/** An order that a customer put together from a catalog; its token opens it. */
export interface Order {
  id: string;
  token: string;
  currency: string;
  total: number;
  items: { productId: string; quantity: number }[];
}

/** What a WhatsApp Business account shows. */
export interface Business {
  profile: BusinessProfile;
  products: Product[];
  collections: Collection[];
  orders: Order[];
  /** Short links that open a chat with it, with what they put into the input field. */
  links: { code: string; message?: string }[];
}

export const emptyBusiness = (): Business => ({
  profile: { websites: [] },
  products: [],
  collections: [],
  orders: [],
  links: [],
});
