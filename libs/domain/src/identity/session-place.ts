import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import ipaddr from 'ipaddr.js';
import { type CountryResponse, Reader } from 'mmdb-lib';

/** Where an address is registered: the country, which is all that holds without guessing. */
export interface Place {
  /** ISO 3166-1 alpha-2. */
  countryCode: string;
  /** In English. */
  country: string;
}

const names = new Intl.DisplayNames(['en'], { type: 'region' });
let reader: Reader<CountryResponse> | undefined;

/**
 * The country of an address, from data that come with the product: nobody outside learns who logs in from where. Null for
 * private and unknown addresses. The data (geo-whois-asn-country, CC0, built on statistics of the Number Resource
 * Organization, CC BY 4.0) are 8 MB and read when they are first asked for.
 */
export function placeOf(address: string | null): Place | null {
  if (address === null || !ipaddr.isValid(address)) return null;
  const parsed = ipaddr.process(address);
  if (parsed.range() !== 'unicast') return null;
  const { country_code: countryCode } = (database().get(parsed.toString()) ?? {}) as { country_code?: string };
  if (countryCode === undefined) return null;
  return { countryCode, country: names.of(countryCode) ?? countryCode };
}

function database(): Reader<CountryResponse> {
  if (reader === undefined) {
    const path = '@ip-location-db/geo-whois-asn-country-mmdb/geo-whois-asn-country.mmdb';
    reader = new Reader<CountryResponse>(readFileSync(createRequire(import.meta.url).resolve(path)));
  }
  return reader;
}
