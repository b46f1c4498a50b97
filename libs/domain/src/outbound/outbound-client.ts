import type { Agent as HttpAgent } from 'node:http';
import type { Agent as HttpsAgent } from 'node:https';
import { isIP } from 'node:net';
import type { Readable } from 'node:stream';
import { setTimeout } from 'node:timers/promises';
import { Agent, type Dispatcher, request } from 'undici';
import { AddressPolicy } from './address-policy.js';
import { type FetchedFile, fetchFile } from './file-fetch.js';
import { guardedAgents } from './guarded-agents.js';
import { guardedConnector, guardedLookup, type Resolver, resolveAllowed, systemResolver } from './guarded-connector.js';
import { beforeDeadline, OutboundFailure, toOutboundFailure } from './outbound-failure.js';
import { assertHostAllowed, assertUrlAllowed, parseOutboundUrl } from './outbound-url.js';

export interface OutboundAnswer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  /** The first `keepBytes` of the answer as text. */
  body: string;
}

export interface PostOptions {
  headers: Record<string, string>;
  body: string;
  /** For everything: name, connection, TLS and answer. */
  timeoutMs: number;
}

/** How much of an answer to a POST is kept, bytes. */
const keepBytes = 4096;
/** How much more is read so that the connection can be used again; beyond it the connection is closed. */
const drainBytes = 64 * 1024;

/**
 * The only way out to URLs that users gave (webhooks, media): dials public addresses and the operator's exceptions,
 * never follows a redirect on its own, and bounds time and size. Connections are kept alive for each origin.
 */
export class OutboundClient {
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
      connections: 32,
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
      const { headers, body } = options;
      const signal = AbortSignal.timeout(options.timeoutMs);
      const call = request(parseOutboundUrl(url, 'url'), {
        dispatcher: this.agent,
        method: 'POST',
        headers,
        body,
        signal,
      });
      const response = await beforeDeadline(call, signal);
      return { status: response.statusCode, headers: response.headers, body: await firstBytes(response.body) };
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

  /** Closes all connections at once; calls under way fail. Owners end their calls before. */
  async close(): Promise<void> {
    // undici waits for connections that are still being made; a name server that does not answer would hold us up.
    await Promise.race([this.agent.destroy(), setTimeout(500, undefined, { ref: false })]);
  }
}

async function firstBytes(body: Dispatcher.ResponseData['body']): Promise<string> {
  const kept: Buffer[] = [];
  let read = 0;
  for await (const chunk of body as Readable as AsyncIterable<Buffer>) {
    if (read < keepBytes) kept.push(chunk.subarray(0, keepBytes - read));
    read += chunk.length;
    if (read > drainBytes) break;
  }
  // PostgreSQL text cannot hold NUL.
  return Buffer.concat(kept).toString('utf8').replaceAll('\0', '�');
}
