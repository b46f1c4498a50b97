import type { ErrorName } from '#contracts';

/** What a route can answer that asks WhatsApp about one thing of a profile, over its connection. */
export const liveErrors: ErrorName[] = [
  'notFound',
  'profileNotConnected',
  'engineUnavailable',
  'notOnWhatsapp',
  'refusedByWhatsapp',
  'whatsappRateLimited',
];
