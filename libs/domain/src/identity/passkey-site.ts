import { isIP } from 'node:net';

/** For whom passkeys are made: browsers bind them to a host name, and say at which origin they were used. */
export interface PasskeySite {
  rpId: string;
  origins: string[];
}

/**
 * @param publicUrl the address under which people reach the installation
 * @param corsOrigins other origins whose pages use the API; those on the same host name or below it may use its passkeys
 * @returns null where browsers have no passkeys: the address is an IP address
 */
export function passkeySite(publicUrl: string, corsOrigins: readonly string[]): PasskeySite | null {
  const own = new URL(publicUrl);
  const rpId = own.hostname;
  if (isIP(rpId.replaceAll(/[[\]]/g, '')) !== 0) return null;
  const related = corsOrigins.filter((origin) => {
    if (!URL.canParse(origin)) return false;
    const { hostname } = new URL(origin);
    return hostname === rpId || hostname.endsWith(`.${rpId}`);
  });
  return { rpId, origins: [...new Set([own.origin, ...related])] };
}
