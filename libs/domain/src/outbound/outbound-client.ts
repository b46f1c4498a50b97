import type { Agent as HttpAgent } from 'node:http';
import type { Agent as HttpsAgent } from 'node:https';
import { isIP } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { Agent } from 'undici';
import { AddressPolicy } from './address-policy.js';
import { type FetchedFile, fetchFile } from './file-fetch.js';
import { guardedAgents } from './guarded-agents.js';
import { guardedConnector, guardedLookup, type Resolver, resolveAllowed, systemResolver } from './guarded-connector.js';
import { OutboundFailure, toOutboundFailure } from './outbound-failure.js';
import { assertHostAllowed, assertUrlAllowed, parseOutboundUrl } from './outbound-url.js';
import { type OutboundAnswer, PostHandler } from './post-handler.js';

export type { OutboundAnswer } from './post-handler.js';

export interface PostOptions {
  /** As an array: names and values in turn, which costs less. */
  headers: Record<string, string> | string[];
  body: string | Buffer;
  /** For everything: name, connection, TLS and answer. */
  timeoutMs: number;
}

/**
 * Most connections to one origin. Behind one name there may be the endpoints of many webhooks (a service for automations,
 * say), and those that hang must not keep the connections of the others; how many calls each has is limited elsewhere.
 */
const connectionsToOrigin = 256;
/** Targets of POSTs whose parsed form is remembered. */
const rememberedTargets = 2000;

/**
 * The only way out to URLs that users gave (webhooks, media): dials public addresses and the operator's exceptions,
 * never follows a redirect on its own, and bounds time and size. Connections are kept alive for each origin.
 */
export class OutboundClient {
  private readonly targets = new Map<string, { origin: string; path: string }>();

  private constructor(
    private readonly policy: AddressPolicy,
    private readonly resolver: Resolver,
    private readonly agent: Agent,
  ) {}

  /** @throws Error when a range is not CIDR notation. */
  static open(options: { allowedRanges: readonly string[]; resolver?: Resolver }): OutboundClient {
    const policy = new AddressPolicy(options.allowedRanges);
    const resolver = options.resolver ?? systemResolver;
    const agent = new Agent({
      connect: guardedConnector(policy, resolver, { connectTimeoutMs: 10_000 }),
      connections: connectionsToOrigin,
      pipelining: 1,
      maxHeaderSize: 16 * 1024,
    });
    return new OutboundClient(policy, resolver, agent);
  }

  /**
   * For a clear 422 when a URL is stored. Calls check again when they connect.
   * @param field Path of the field at fault in the error.
   * @throws errors.urlNotAllowed
   */
  assertUrlAllowed(url: string, field = 'url'): Promise<void> {
    return assertUrlAllowed(url, field, this.policy, this.resolver);
  }

  /** The same for a host name or address alone, such as that of a mail server. @throws errors.urlNotAllowed */
  assertHostAllowed(host: string, field: string): Promise<void> {
    return assertHostAllowed(host, field, this.policy, this.resolver);
  }

  /**
   * An address of the host that may be dialled, for protocols other than HTTP: dial this very address.
   * @throws OutboundFailure when there is none
   */
  async allowedAddress(host: string): Promise<string> {
    if (isIP(host) === 0) return (await resolveAllowed(host, this.resolver, this.policy))[0]!.address;
    if (!this.policy.allows(host)) throw new OutboundFailure('address_blocked');
    return host;
  }

  /** Agents for Node's own HTTP client that open sockets to allowed addresses only. Whoever takes them destroys them. */
  agents(): { http: HttpAgent; https: HttpsAgent } {
    const lookup = guardedLookup(this.policy, this.resolver);
    return guardedAgents(this.policy, lookup);
  }

  /**
   * One POST. Any HTTP status is an answer, redirects too.
   * @throws OutboundFailure when no answer came.
   */
  async post(url: string, options: PostOptions): Promise<OutboundAnswer> {
    try {
      const { origin, path } = this.targetOf(url);
      const { headers, body, timeoutMs } = options;
      return await new Promise((resolve, reject) => {
        // The deadline of the handler takes the place of undici's own.
        const call = { origin, path, method: 'POST', headers, body, headersTimeout: 0, bodyTimeout: 0 } as const;
        this.agent.dispatch(call, new PostHandler(timeoutMs, resolve, reject));
      });
    } catch (error) {
      throw toOutboundFailure(error);
    }
  }

  /**
   * Opens a file for reading. Up to three redirects are followed, each checked like the first address. The stream fails
   * with the same errors; whoever takes it must read or destroy it.
   * @param options.timeoutMs For everything, the reading of the stream included.
   * @throws errors.urlNotAllowed, errors.mediaFetchFailed, errors.mediaTooLarge
   */
  fetchGuarded(url: string, options: { maxBytes: number; timeoutMs: number }): Promise<FetchedFile> {
    return fetchFile(url, { ...options, dispatcher: this.agent });
  }

  private targetOf(url: string): { origin: string; path: string } {
    const known = this.targets.get(url);
    if (known) return known;
    const { origin, pathname, search } = parseOutboundUrl(url, 'url');
    const target = { origin, path: `${pathname}${search}` };
    if (this.targets.size >= rememberedTargets) this.targets.clear();
    this.targets.set(url, target);
    return target;
  }

  /** Closes all connections at once; calls under way fail. Owners end their calls before. */
  async close(): Promise<void> {
    // undici waits for connections that are still being made; a name server that does not answer would hold us up.
    await Promise.race([this.agent.destroy(), setTimeout(500, undefined, { ref: false })]);
  }
}
