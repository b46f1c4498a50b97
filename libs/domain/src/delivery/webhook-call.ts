import type { WebhookId } from '#contracts';
import type { Sealer } from '#database';
import type { OutboundAnswer, OutboundClient } from '../outbound/outbound-client.js';
import { OutboundFailure } from '../outbound/outbound-failure.js';
import type { WebhookBody } from './webhook-payload.js';
import { headersContext, secretContext, WebhookSigner } from './webhook-secret.js';

/** Where a call goes and what proves it. */
export interface Endpoint {
  webhookId: WebhookId;
  organizationId: string;
  url: string;
  secretSealed: Uint8Array;
  /** The secret before the last rotation, which signs too until then. */
  previousSecretSealed: Uint8Array | null;
  previousSecretUntil: Date | null;
  headersSealed: Uint8Array | null;
  /** Changes whenever one of the above does. */
  updatedAt: Date;
}

/** What one call brought: an answer, or the reason for none. */
export interface CallOutcome {
  at: Date;
  durationMs: number;
  answer: OutboundAnswer | null;
  /** Stable reason and a sentence when there was no answer. */
  failure: { reason: string; sentence: string } | null;
}

interface Credentials {
  updatedAt: number;
  signer: WebhookSigner;
  /** Names and values in turn of what is the same in each call; the value of the last is the event's. */
  headers: string[];
}

/** Endpoints whose opened secrets are kept in memory. */
const rememberedEndpoints = 2000;

/** Calls webhook endpoints: builds, signs and posts, and tells truthfully what came of it. */
export class WebhookCaller {
  private readonly known = new Map<WebhookId, Credentials>();

  constructor(
    private readonly client: OutboundClient,
    private readonly sealer: Sealer,
    private readonly timeoutMs: number,
    private readonly clock: () => Date = () => new Date(),
  ) {}

  /** Calls an endpoint. Never throws: whatever goes wrong is in the outcome. */
  async call(endpoint: Endpoint, id: string, body: () => WebhookBody): Promise<CallOutcome> {
    const at = this.clock();
    const began = performance.now();
    const outcome = (rest: Pick<CallOutcome, 'answer' | 'failure'>): CallOutcome => ({
      at,
      durationMs: Math.round(performance.now() - began),
      ...rest,
    });
    try {
      const { signer, headers } = await this.credentials(endpoint);
      const content = body();
      // Encoded once for the wire and for both signatures.
      const bytes = Buffer.from(JSON.stringify(content));
      const answer = await this.client.post(endpoint.url, {
        headers: [...headers, content.event, ...signer.headers(id, at, bytes)],
        body: bytes,
        timeoutMs: this.timeoutMs,
      });
      return outcome({ answer, failure: null });
    } catch (error) {
      const failure =
        error instanceof OutboundFailure
          ? { reason: error.reason, sentence: error.message }
          : { reason: 'internal', sentence: `The call could not be made: ${(error as Error).message}` };
      return outcome({ answer: null, failure });
    }
  }

  private async credentials(endpoint: Endpoint): Promise<Credentials> {
    const { webhookId, organizationId, secretSealed, previousSecretSealed, headersSealed } = endpoint;
    const updatedAt = endpoint.updatedAt.getTime();
    const known = this.known.get(webhookId);
    if (known?.updatedAt === updatedAt) return known;
    const sealer = await this.sealer.forOrganization(organizationId);
    const secret = (sealed: Uint8Array) => sealer.open(sealed, secretContext(webhookId)).toString();
    const until = endpoint.previousSecretUntil;
    const own: Record<string, string> =
      headersSealed === null ? {} : JSON.parse(sealer.open(headersSealed, headersContext(webhookId)).toString());
    const headers = { 'user-agent': 'Waypost', ...own, 'content-type': 'application/json' };
    const opened: Credentials = {
      updatedAt,
      signer: new WebhookSigner(
        secret(secretSealed),
        previousSecretSealed && until ? { secret: secret(previousSecretSealed), until } : null,
      ),
      headers: [...Object.entries(headers).flat(), 'x-multiwa-event'],
    };
    if (this.known.size >= rememberedEndpoints) this.known.delete(this.known.keys().next().value!);
    this.known.set(webhookId, opened);
    return opened;
  }
}
