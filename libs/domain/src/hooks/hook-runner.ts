import { CatalogueError, errors, type HookActionResult } from '#contracts';
import {
  appendEvents,
  claimHookRequests,
  type Database,
  findHooksById,
  finishHookRequest,
  noteHookResult,
  postponeHookRequest,
  renewHookClaims,
  type Sealer,
  type StoredHookRequest,
  type Tx,
} from '#database';
import type { Logger } from '../platform/logger.js';
import { type Turn, WorkLoop } from '../platform/work-loop.js';
import type { ActionCarrier } from './action-carrier.js';
import { isWorthRetrying, type PlannedAction, planAction } from './hook-actions.js';
import type { HookContent } from './hook-content.js';
import { hookEndEvent } from './hook-events.js';
import { type Hook, hookOf } from './hook-settings.js';
import { hookContentContext } from './hook-token.js';

const AT_ONCE = 16;
const CLAIM_SECONDS = 60;
const RENEW_MS = 20_000;
/** Seconds until the next try, by how many there were. After the last one the request has failed. */
const PAUSES = [5, 30, 120, 600, 3600, 7200];

/** Another worker has the request by now; what was begun is rolled back. */
class ClaimLost extends Error {}

/**
 * Works on requests to hooks. Each action happens in one transaction with the note that it happened, so that a worker
 * that dies leaves a request whose next worker goes on with the next action. Requests of one hook are worked on one after
 * another, as far as one worker has them.
 */
export class HookRunner {
  private readonly loop: WorkLoop;

  constructor(
    private readonly db: Database,
    private readonly sealer: Sealer,
    private readonly carrier: ActionCarrier,
    private readonly log: Logger,
  ) {
    const failed = 'requests to hooks could not be taken';
    this.loop = new WorkLoop({ db, log, channel: 'hooks', turn: () => this.turn(), failed });
  }

  start(): void {
    this.loop.start();
  }

  stop(): Promise<void> {
    return this.loop.stop();
  }

  private async turn(): Promise<Turn> {
    const claimed = await claimHookRequests(this.db, AT_ONCE, CLAIM_SECONDS);
    if (claimed.length === 0) return 'nothing';
    const hooks = await findHooksById(this.db, [...new Set(claimed.map(({ hookId }) => hookId))]);
    const renewal = setInterval(() => {
      renewHookClaims(this.db, claimed, CLAIM_SECONDS).catch((error) => {
        this.log.warn({ err: error }, 'the claims of requests to hooks could not be renewed');
      });
    }, RENEW_MS);
    try {
      await Promise.all(
        hooks.map(async (row) => {
          const own = claimed.filter(({ hookId }) => hookId === row.id);
          for (const request of own.sort((a, b) => (a.id < b.id ? -1 : 1))) await this.work(hookOf(row), request);
        }),
      );
    } finally {
      clearInterval(renewal);
    }
    return claimed.length === AT_ONCE ? 'more' : 'nothing';
  }

  /** Never throws: a request that cannot even be put off comes back when its claim has run out. */
  private async work(hook: Hook, request: StoredHookRequest): Promise<void> {
    const progress = { action: request.results.length };
    try {
      const content = await this.contentOf(request);
      for (; progress.action < hook.actions.length; progress.action++) {
        await this.act(hook, request, content, progress.action);
      }
      await this.end(hook, request, null);
    } catch (error) {
      if (error instanceof ClaimLost) return;
      await this.failed(hook, request, progress.action, error).catch((failure: unknown) => {
        this.log.warn({ err: failure, requestId: request.id }, 'the failure of a request to a hook was not noted');
      });
    }
  }

  private async contentOf({ id, organizationId, contentSealed }: StoredHookRequest): Promise<HookContent> {
    if (contentSealed === null) throw errors.hookRequestForgotten();
    const sealer = await this.sealer.forOrganization(organizationId);
    return JSON.parse(sealer.open(contentSealed, hookContentContext(id)).toString());
  }

  private async act(hook: Hook, request: StoredHookRequest, content: HookContent, index: number): Promise<void> {
    const action = hook.actions[index]!;
    const { kind } = action;
    const planned = planAction(action, content, hook);
    const note = (result: HookActionResult, phones: string[]) => async (tx: Tx) => {
      if (!(await noteHookResult(tx, request, result, phones, CLAIM_SECONDS))) throw new ClaimLost();
    };
    if (planned === null) return this.db.system(note({ kind, applied: false }, []));
    const phones = phonesOf(planned);
    await this.carrier.carryOut(hook, planned, (tx, made) => note({ kind, applied: true, ...made }, phones)(tx));
  }

  private async failed(hook: Hook, request: StoredHookRequest, action: number, error: unknown): Promise<void> {
    const known = error instanceof CatalogueError ? error : errors.internal({ cause: error });
    const pause = PAUSES[request.attempts - 1];
    if (isWorthRetrying(error) && pause !== undefined) {
      this.log.warn({ err: error, hookId: hook.id, requestId: request.id }, 'a request to a hook is tried again');
      const later = { seconds: pause, errorCode: known.code, errorMessage: known.message };
      await postponeHookRequest(this.db, request, later);
      return;
    }
    if (known.code === 'INTERNAL_ERROR') this.log.error({ err: error, requestId: request.id }, 'a hook failed');
    await this.end(hook, request, { action, code: known.code, message: known.message });
  }

  private async end(
    hook: Hook,
    request: StoredHookRequest,
    failed: { action: number; code: string; message: string } | null,
  ): Promise<void> {
    await this.db.system(async (tx) => {
      const ended = await finishHookRequest(tx, request, failed && { code: failed.code, message: failed.message });
      if (ended) await appendEvents(tx, [hookEndEvent(hook, ended, failed)]);
    });
  }
}

/** Digits of who it was about. */
function phonesOf(planned: PlannedAction): string[] {
  if (planned.kind === 'start_broadcast') return [];
  const { to } = planned;
  return to.kind === 'user' && to.phone !== null ? [to.phone] : [];
}
