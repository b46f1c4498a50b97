import { lookup as systemLookup } from 'node:dns/promises';
import { isIP, type LookupFunction } from 'node:net';
import { buildConnector } from 'undici';
import type { AddressPolicy } from './address-policy.js';
import { OutboundFailure } from './outbound-failure.js';

export interface ResolvedAddress {
  address: string;
  family: number;
}

/** Every address of a name, A and AAAA. Replaced by tests. */
export type Resolver = (hostname: string) => Promise<ResolvedAddress[]>;

export const systemResolver: Resolver = (hostname) => systemLookup(hostname, { all: true });

/**
 * All addresses of a name, or a failure when any of them is blocked: a name that answers with a public and a private
 * address is an attack or a mistake, and choosing the public one would only hide it.
 */
export async function resolveAllowed(
  hostname: string,
  resolver: Resolver,
  policy: AddressPolicy,
): Promise<ResolvedAddress[]> {
  const addresses = await resolver(hostname);
  if (addresses.length === 0) throw new OutboundFailure('name_not_found');
  if (!addresses.every(({ address }) => policy.allows(address))) throw new OutboundFailure('address_blocked');
  return addresses;
}

/** Removes the brackets that URLs put around IPv6 literals. */
export function bareHost(hostname: string): string {
  return hostname.startsWith('[') ? hostname.slice(1, -1) : hostname;
}

/** A lookup for sockets that gives allowed addresses and nothing else. Sockets to literal addresses do not ask it. */
export function guardedLookup(policy: AddressPolicy, resolver: Resolver): LookupFunction {
  return (hostname, { all, family }, done) => {
    resolveAllowed(hostname, resolver, policy).then(
      (addresses) => {
        const usable = family === 4 || family === 6 ? addresses.filter((a) => a.family === family) : addresses;
        const first = usable[0];
        if (first === undefined) return done(new OutboundFailure('name_not_found'), '', 0);
        if (all) done(null, usable);
        else done(null, first.address, first.family);
      },
      (error: Error) => done(error, all ? [] : '', 0),
    );
  };
}

/**
 * Opens sockets to allowed addresses only. The check sits in the lookup of the connecting socket itself, so the address
 * that was checked is the address that is dialled, and a name that changes its answer between check and use (DNS
 * rebinding) gains nothing. Literal addresses skip the lookup in Node, so they are checked before.
 */
export function guardedConnector(
  policy: AddressPolicy,
  resolver: Resolver,
  options: { connectTimeoutMs: number },
): buildConnector.connector {
  const connect = buildConnector({
    lookup: guardedLookup(policy, resolver),
    timeout: options.connectTimeoutMs,
    autoSelectFamily: true,
  } as buildConnector.BuildOptions);

  return (target, done) => {
    const host = bareHost(target.hostname);
    if (isIP(host) !== 0 && !policy.allows(host)) {
      process.nextTick(done, new OutboundFailure('address_blocked'), null);
      return;
    }
    connect(target, done);
  };
}
