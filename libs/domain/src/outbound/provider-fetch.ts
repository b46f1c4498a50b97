import { Agent, type Dispatcher, fetch as undiciFetch } from 'undici';
import { AddressPolicy } from './address-policy.js';
import { guardedConnector, systemResolver } from './guarded-connector.js';

/** Longest answer that is read, bytes: documents with keys are a few kilobytes. */
const maxResponseSize = 1024 * 1024;
const limits = { connections: 8, pipelining: 1, maxHeaderSize: 16 * 1024, maxResponseSize } as const;

export interface ProviderFetch {
  fetch(url: string, init: object): Promise<Response>;
  close(): Promise<void>;
}

/**
 * Calls to a service that the operator named in the settings, and to the addresses that the service's own documents name.
 * The named host itself may be private: operators run their services inside, and whoever writes the settings could read
 * the network anyway. What its documents name is somebody else's word and must be public, or on the named host. Redirects
 * are not followed.
 */
export function providerFetch(named: URL, allowedRanges: readonly string[]): ProviderFetch {
  const guarded = new Agent({
    ...limits,
    connect: guardedConnector(new AddressPolicy(allowedRanges), systemResolver, { connectTimeoutMs: 10_000 }),
  });
  const direct = new Agent({ ...limits, connect: { timeout: 10_000 } });
  return {
    fetch(url, init) {
      const dispatcher: Dispatcher = new URL(url).hostname === named.hostname ? direct : guarded;
      return undiciFetch(url, { ...init, redirect: 'manual', dispatcher }) as unknown as Promise<Response>;
    },
    close: async () => {
      await Promise.all([guarded.destroy(), direct.destroy()]);
    },
  };
}
