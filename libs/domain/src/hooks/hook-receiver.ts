import { createHash } from 'node:crypto';
import { CatalogueError, errors, type HookRequestId, newId } from '#contracts';
import {
  appendEvents,
  type Database,
  findDelivered,
  findHookByToken,
  type HookRequestRow,
  type HookRow,
  insertHookRequest,
  insertRejectedRequest,
  type Sealer,
} from '#database';
import { isInRanges } from '../identity/ip-ranges.js';
import { type HookContent, readBody, withoutSecrets } from './hook-content.js';
import { hookEvent } from './hook-events.js';
import { type Hook, hookOf } from './hook-settings.js';
import { hashHookToken, hookContentContext, hookSecretContext } from './hook-token.js';
import { valueAt } from './hook-values.js';
import { proofHeaders, refusalOf } from './hook-verification.js';

/** Largest body of a request, bytes. What is posted to hooks are notices, not files. */
export const MAX_HOOK_BODY = 256 * 1024;

/** A request as it came. */
export interface IncomingRequest {
  token: string;
  address: string | undefined;
  /** Names in lower case. */
  headers: Record<string, string>;
  query: Record<string, string>;
  body: Buffer;
}

export interface ReceivedRequest {
  requestId: HookRequestId;
  /** The sender delivered it before, and it was not taken a second time. */
  isRepeat: boolean;
}

/**
 * Takes what other systems post. A request that was taken is one row, with its event, before the sender is told so; the
 * worker does the rest (hook-runner.ts). Until the sender has proved itself nothing reads what it said.
 */
export class HookReceiver {
  constructor(
    private readonly db: Database,
    private readonly sealer: Sealer,
  ) {}

  /**
   * @param admit is asked once the hook is known; throws when it takes no more at present
   * @throws notFound for every address that takes nothing, whatever the reason; hookAddressRefused, hookNotVerified;
   * malformedJson, unsupportedMediaType and validation for bodies that cannot be read
   */
  async receive(
    request: IncomingRequest,
    admit: (hook: { id: string; ratePerMinute: number }) => Promise<unknown>,
  ): Promise<ReceivedRequest> {
    const row = await findHookByToken(this.db, hashHookToken(request.token));
    if (!row) throw errors.notFound({ message: 'There is no hook at this address.' });
    await admit(row);
    const hook = hookOf(row);
    let content: HookContent;
    try {
      content = await this.read(row, hook, request);
    } catch (error) {
      if (error instanceof CatalogueError && error.status < 500) await this.noteRejected(hook, request, error);
      throw error;
    }
    return this.store(hook, request, content);
  }

  private async read(row: HookRow, hook: Hook, request: IncomingRequest): Promise<HookContent> {
    const { headers, query, body, address } = request;
    if (hook.allowedIps.length > 0 && !isInRanges(address, hook.allowedIps)) throw errors.hookAddressRefused();
    const refusal = refusalOf({ headers, body }, hook.verification, await this.secretOf(row), new Date());
    if (refusal !== null) throw errors.hookNotVerified({ message: refusal });
    return {
      headers: withoutSecrets(headers, proofHeaders(hook.verification)),
      query: withoutSecrets(query),
      body: readBody(body, headers['content-type']),
    };
  }

  private async secretOf({ id, organizationId, secretSealed }: HookRow) {
    if (secretSealed === null) return {};
    const sealer = await this.sealer.forOrganization(organizationId);
    return JSON.parse(sealer.open(secretSealed, hookSecretContext(id)).toString());
  }

  private async store(hook: Hook, request: IncomingRequest, content: HookContent): Promise<ReceivedRequest> {
    const { organizationId, profileId, id: hookId } = hook;
    const id = newId<HookRequestId>();
    const deliveryKey = deliveryKeyOf(hook, request, content);
    const sealer = await this.sealer.forOrganization(organizationId);
    const made = {
      id,
      organizationId,
      profileId,
      hookId,
      source: 'received' as const,
      replayOf: null,
      deliveryKey,
      address: request.address ?? null,
      sizeBytes: request.body.length,
      contentSealed: sealer.seal(JSON.stringify(content), hookContentContext(id)),
    };
    return this.db.organization(organizationId, async (tx) => {
      const stored = await insertHookRequest(tx, made);
      // One that was delivered before may be gone by now only if retention came between: then the sender tries again.
      const former = stored ?? (await findDelivered(tx, hookId, deliveryKey!));
      if (!former) throw errors.overloaded({ retryAfterSeconds: 1 });
      if (!stored) return { requestId: former.id, isRepeat: true };
      tx.wake('hooks', hookId);
      await appendEvents(tx, [hookEvent(hook, stored)]);
      return { requestId: id, isRepeat: false };
    });
  }

  /** The owner sees what was refused, so that a sender can be set up; what it said is not kept. */
  private async noteRejected(hook: Hook, request: IncomingRequest, { code, message }: CatalogueError): Promise<void> {
    const { organizationId, profileId, id: hookId } = hook;
    await this.db.organization(organizationId, (tx) =>
      insertRejectedRequest(tx, {
        id: newId(),
        organizationId,
        profileId,
        hookId,
        address: request.address ?? null,
        sizeBytes: request.body.length,
        errorCode: code,
        errorMessage: message,
      }),
    );
  }
}

/** Long ones are kept by their digest. */
function deliveryKeyOf(
  { deduplicateBy }: Hook,
  { headers }: IncomingRequest,
  content: HookContent,
): HookRequestRow['deliveryKey'] {
  if (deduplicateBy === null) return null;
  const given = 'header' in deduplicateBy ? headers[deduplicateBy.header] : valueAt(content, deduplicateBy.path);
  if (typeof given !== 'string' && typeof given !== 'number') return null;
  const key = String(given).replaceAll('\0', '');
  if (key === '') return null;
  return key.length <= 200 ? key : createHash('sha256').update(key).digest('hex');
}
