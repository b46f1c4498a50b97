import type { Origin } from '#contracts';

/** From where a person signs in, as far as it is known. */
export interface ClientInfo {
  ipAddress: string | null;
  userAgent: string | null;
  /** The network the address belongs to: itself for IPv4, the /64 for IPv6. */
  network: string;
  /** The mark of a browser that logged in before (device-tokens.ts), as it was shown. */
  deviceToken: string | null;
  requestId?: string;
}

/** The client as records name it. */
export function originOf({ ipAddress, userAgent, requestId }: ClientInfo): Origin {
  return {
    ...(ipAddress !== null && { ip: ipAddress }),
    ...(userAgent !== null && { userAgent }),
    ...(requestId !== undefined && { requestId }),
  };
}
