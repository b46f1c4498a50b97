import type { NewEvent } from '#contracts';
import type { HookRequestRow } from '#database';
import type { Hook } from './hook-settings.js';

type AboutHook = Pick<Hook, 'id' | 'name' | 'organizationId' | 'profileId'>;

const about = (hook: AboutHook, request: Pick<HookRequestRow, 'id' | 'source'>) => ({
  hookId: hook.id,
  name: hook.name,
  requestId: request.id,
  source: request.source,
});

/** Of a request that was stored. @param actor who made it, where it did not come from outside */
export function hookEvent(
  hook: AboutHook,
  request: Pick<HookRequestRow, 'id' | 'source'>,
  actor: NewEvent['actor'] = { kind: 'hook', id: hook.id },
): NewEvent {
  const { organizationId, profileId } = hook;
  return { organizationId, profileId, name: 'hook.received', actor, payload: about(hook, request) };
}

/** Of a request that ended. */
export function hookEndEvent(
  hook: AboutHook,
  request: HookRequestRow,
  failed: { action: number | null } | null,
): NewEvent {
  const { organizationId, profileId } = hook;
  const { results, state, errorCode, errorMessage } = request;
  const by = { organizationId, profileId, actor: { kind: 'hook', id: hook.id } as const };
  if (failed === null) {
    const payload = { ...about(hook, request), state: state as 'done' | 'skipped', results };
    return { ...by, name: 'hook.completed', payload };
  }
  const problem = { action: failed.action, code: errorCode!, message: errorMessage! };
  return { ...by, name: 'hook.failed', payload: { ...about(hook, request), ...problem, results } };
}
