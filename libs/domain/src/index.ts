// outbound
export { AddressPolicy } from './outbound/address-policy.js';
export type { FetchedFile } from './outbound/file-fetch.js';
export { type OutboundAnswer, OutboundClient, type PostOptions } from './outbound/outbound-client.js';
export { OutboundFailure, type OutboundReason } from './outbound/outbound-failure.js';
