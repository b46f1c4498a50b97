import type { Socket } from 'socket.io';

/** Express's own decision about an address of a proxy: `app.get('trust proxy fn')`. */
export type TrustsProxy = (address: string, hop: number) => boolean;

/** From where a client connects, as Express finds it for requests: the first address that is no proxy we trust. */
export function clientAddress({ address, headers }: Socket['handshake'], trusts: TrustsProxy): string {
  const forwarded = [headers['x-forwarded-for'] ?? []].flat().join(',');
  const hops = [address, ...forwarded.split(',').reverse()].map((hop) => hop.trim()).filter((hop) => hop !== '');
  const client = hops.findIndex((hop, index) => index === hops.length - 1 || !trusts(hop, index));
  return hops[client]!;
}
