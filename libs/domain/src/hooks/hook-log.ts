import {
  type Actor,
  CatalogueError,
  errors,
  eventActor,
  type HookActionKind,
  type HookId,
  type HookRequestId,
  type HookRequestState,
  type HookSource,
  narrowTo,
  newId,
} from '#contracts';
import {
  appendEvents,
  type Database,
  findHook,
  findHookRequest,
  findProfile,
  type HookRequestRow,
  insertHookRequest,
  listHookRequests,
  type Sealer,
  type StoredHookRequest,
  type Tx,
} from '#database';
import { toChatJid } from '#engine';
import { recordAudit } from '../platform/audit-trail.js';
import type { Once } from '../platform/once.js';
import { foreseenFailure, readsOf } from './foreseen-failure.js';
import { type HookAction, type PlannedAction, planAction } from './hook-actions.js';
import { type HookContent, withoutSecrets } from './hook-content.js';
import { hookEvent } from './hook-events.js';
import { type Hook, hookOf } from './hook-settings.js';
import { hookContentContext } from './hook-token.js';
import { proofHeaders } from './hook-verification.js';

/** A request with what it said; null when that was never kept. */
export interface LoggedHookRequest {
  request: HookRequestRow;
  content: HookContent | null;
}

/** What an action would do. */
export type DryRunOfAction = { kind: HookActionKind } & (
  | { applies: false }
  /** What it would do, and why it would fail, as far as one of them is known. */
  | { applies: true; planned?: PlannedAction; problem?: CatalogueError }
);

/** A sample that an owner gives in place of a request. */
export interface HookSample {
  headers?: Record<string, string>;
  query?: Record<string, string>;
  body?: unknown;
}

/** What was posted to a hook, and what is made of it: to look at, to try, and to have worked on once more. */
export class HookLog {
  constructor(
    private readonly db: Database,
    private readonly sealer: Sealer,
  ) {}

  /** Newest first; `limit` requests older than `before`. @throws notFound */
  async list(
    actor: Actor,
    hookId: HookId,
    page: { state?: HookRequestState; before?: HookRequestId; limit: number },
  ): Promise<HookRequestRow[]> {
    const { organizationId } = actor;
    return this.db.tenant(actor, async (tx) => {
      await hookIn(tx, actor, hookId);
      return listHookRequests(tx, { organizationId, hookId }, page);
    });
  }

  /** @throws notFound */
  async get(actor: Actor, hookId: HookId, id: HookRequestId): Promise<LoggedHookRequest> {
    const { contentSealed, ...request } = await this.db.tenant(actor, (tx) => requestIn(tx, actor, hookId, id));
    return { request, content: await this.open(actor, id, contentSealed) };
  }

  /**
   * Has a request worked on once more, by what the hook says now. It is a request of its own in the log.
   * @throws notFound, hookRequestForgotten
   */
  async replay(actor: Actor, hookId: HookId, id: HookRequestId, once?: Once<HookRequestRow>): Promise<HookRequestRow> {
    const { request, content } = await this.get(actor, hookId, id);
    if (content === null) throw errors.hookRequestForgotten({ details: { requestId: id } });
    const { sizeBytes, address } = request;
    return this.add(actor, hookId, { content, sizeBytes, address, source: 'replay', replayOf: id }, once);
  }

  /** Sends a sample through the hook, as if it had been posted: what the actions say is done. @throws notFound */
  async test(actor: Actor, hookId: HookId, sample: HookSample, once?: Once<HookRequestRow>): Promise<HookRequestRow> {
    const hook = hookOf(await this.db.tenant(actor, (tx) => hookIn(tx, actor, hookId)));
    const content = contentOf(hook, sample);
    const sizeBytes = Buffer.byteLength(JSON.stringify(content.body) ?? '');
    const address = actor.origin?.ip ?? null;
    return this.add(actor, hookId, { content, sizeBytes, address, source: 'test', replayOf: null }, once);
  }

  /**
   * What would be done with a sample, or with a request of the log, as far as can be told from here; nothing is. Whether
   * WhatsApp takes it is not asked.
   * @param actions in place of the hook's own
   * @throws notFound, hookRequestForgotten
   */
  async dryRun(
    actor: Actor,
    hookId: HookId,
    given: HookSample | { requestId: HookRequestId },
    actions?: HookAction[],
  ): Promise<DryRunOfAction[]> {
    const hook = hookOf(await this.db.tenant(actor, (tx) => hookIn(tx, actor, hookId)));
    const content =
      'requestId' in given ? (await this.get(actor, hookId, given.requestId)).content : contentOf(hook, given);
    if (content === null) throw errors.hookRequestForgotten();
    const contacts = new Set<string>();
    const runs: DryRunOfAction[] = [];
    for (const action of actions ?? hook.actions) runs.push(await this.tryOut(actor, hook, action, content, contacts));
    return runs;
  }

  /** @param contacts addresses of whom the actions before make a contact */
  private async tryOut(
    actor: Actor,
    hook: Hook,
    action: HookAction,
    content: HookContent,
    contacts: Set<string>,
  ): Promise<DryRunOfAction> {
    const { kind } = action;
    try {
      const planned = planAction(action, content, hook);
      if (planned === null) return { kind, applies: false };
      const problem = await this.foresee(actor, hook, planned, contacts);
      if (planned.kind === 'upsert_contact' && problem === null) contacts.add(toChatJid(planned.to));
      return problem === null ? { kind, applies: true, planned } : { kind, applies: true, planned, problem };
    } catch (problem) {
      if (!(problem instanceof CatalogueError)) throw problem;
      return { kind, applies: true, problem };
    }
  }

  /** Whoever may not read what it depends on is not told whether it is there. */
  private async foresee(actor: Actor, hook: Hook, planned: PlannedAction, contacts: ReadonlySet<string>) {
    const permission = readsOf[planned.kind];
    if (permission === undefined || !actor.permissions.has(permission)) return null;
    return this.db.tenant(narrowTo(actor, permission), async (tx) => {
      if (!(await findProfile(tx, actor, hook.profileId))) return null;
      return foreseenFailure(tx, hook, planned, contacts);
    });
  }

  private async add(
    actor: Actor,
    hookId: HookId,
    {
      content,
      ...made
    }: {
      content: HookContent;
      sizeBytes: number;
      address: string | null;
      source: HookSource;
      replayOf: HookRequestId | null;
    },
    once: Once<HookRequestRow> | undefined,
  ): Promise<HookRequestRow> {
    const { organizationId } = actor;
    const id = newId<HookRequestId>();
    const sealer = await this.sealer.forOrganization(organizationId);
    const contentSealed = sealer.seal(JSON.stringify(content), hookContentContext(id));
    return this.db.tenant(actor, async (tx) => {
      const row = await hookIn(tx, actor, hookId);
      const { profileId } = row;
      const whose = { id, organizationId, profileId, hookId, deliveryKey: null };
      const request = (await insertHookRequest(tx, { ...whose, ...made, contentSealed }))!;
      await recordAudit(tx, actor, {
        action: made.source === 'test' ? 'hook.test' : 'hook.replay',
        resource: { type: 'hook', id: hookId, name: row.name },
        after: { requestId: id, replayOf: made.replayOf },
      });
      await once?.(tx, request);
      tx.wake('hooks', hookId);
      await appendEvents(tx, [hookEvent(row, request, eventActor(actor))]);
      return request;
    });
  }

  private async open(actor: Actor, id: HookRequestId, sealed: Buffer | null): Promise<HookContent | null> {
    if (sealed === null) return null;
    const sealer = await this.sealer.forOrganization(actor.organizationId);
    return JSON.parse(sealer.open(sealed, hookContentContext(id)).toString());
  }
}

function contentOf({ verification }: Hook, { headers = {}, query = {}, body = null }: HookSample): HookContent {
  const lower = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
  return { headers: withoutSecrets(lower, proofHeaders(verification)), query: withoutSecrets(query), body };
}

async function hookIn(tx: Tx, actor: Actor, id: HookId) {
  const row = await findHook(tx, actor.organizationId, id);
  if (!row) throw errors.notFound({ message: 'There is no such hook.', details: { hookId: id } });
  return row;
}

async function requestIn(tx: Tx, actor: Actor, hookId: HookId, id: HookRequestId): Promise<StoredHookRequest> {
  await hookIn(tx, actor, hookId);
  const row = await findHookRequest(tx, { organizationId: actor.organizationId, hookId, id });
  if (!row) throw errors.notFound({ message: 'There is no such request.', details: { requestId: id } });
  return row;
}
