import {
  type Actor,
  type EventName,
  errors,
  eventActor,
  type HookId,
  idFloor,
  type NewEvent,
  narrowTo,
  newId,
  type OrganizationId,
  type ProfileId,
} from '#contracts';
import {
  appendEvents,
  countHookRequests,
  countHooks,
  type Database,
  deleteHook,
  findBroadcast,
  findHook,
  findTemplate,
  type HookDay,
  type HookRow,
  holdProfile,
  insertHook,
  listHooks,
  rotateHookToken,
  type Sealer,
  type Tx,
  updateHook,
} from '#database';
import { recordAudit } from '../platform/audit-trail.js';
import type { Once } from '../platform/once.js';
import { type HookAction, permissionsOf } from './hook-actions.js';
import { checkedSettings, type Hook, type HookDraft, hookOf, secretFor } from './hook-settings.js';
import { hookSecretContext, makeHookToken } from './hook-token.js';
import type { VerificationSecret } from './hook-verification.js';

/** Most hooks of one profile. */
const MAX_HOOKS = 100;

/** A hook, and what is shown of it only now. */
export interface ShownHook {
  hook: Hook;
  /** The secret part of its address. */
  token: string;
  /** What requests are to be signed with, where we made it. */
  secret: string | null;
}

/** What is undefined stays. */
export type HookChanges = Partial<HookDraft>;

/** Addresses that other systems post to, and what is done then. */
export class Hooks {
  constructor(
    private readonly db: Database,
    private readonly sealer: Sealer,
  ) {}

  /**
   * Whoever makes a hook has it do only what they may do themselves.
   * @throws notFound (the profile, a template), validation, forbidden, tooManyHooks
   */
  async create(
    actor: Actor,
    { profileId, ...draft }: HookDraft & { profileId: ProfileId },
    once?: Once<ShownHook>,
  ): Promise<ShownHook> {
    const { organizationId } = actor;
    const settings = checkedSettings(draft);
    const kept = secretFor(draft.verification, 'none') as { secret: VerificationSecret | null; shown: string | null };
    await this.assertMay(actor, profileId, settings.actions);
    const id = newId<HookId>();
    const { token, hash: tokenHash } = makeHookToken();
    const secretSealed = await this.sealed(actor, id, kept.secret);
    return this.db.tenant(actor, async (tx) => {
      if (!(await holdProfile(tx, organizationId, profileId))) throw errors.notFound({ details: { profileId } });
      if ((await countHooks(tx, profileId)) >= MAX_HOOKS) throw errors.tooManyHooks({ details: { most: MAX_HOOKS } });
      const made = { id, organizationId, profileId, createdBy: actor.userId, tokenHash, secretSealed };
      const row = await insertHook(tx, { ...settings, ...made });
      const shown = { hook: hookOf(row), token, secret: kept.shown };
      await recordAudit(tx, actor, { action: 'hook.create', resource: resourceOf(row), after: factsOf(row) });
      await once?.(tx, shown);
      await appendEvents(tx, [event(actor, 'hook.created', row)]);
      return shown;
    });
  }

  /** Oldest first; `limit` hooks after `after`, of one profile when it is given. */
  async list(actor: Actor, page: { profileId?: ProfileId; after?: HookId; limit: number }): Promise<Hook[]> {
    const rows = await this.db.tenant(actor, (tx) => listHooks(tx, { organizationId: actor.organizationId, ...page }));
    return rows.map(hookOf);
  }

  /** @throws notFound */
  async get(actor: Actor, id: HookId): Promise<Hook> {
    return hookOf(await this.db.tenant(actor, (tx) => found(tx, actor, id)));
  }

  /**
   * What was received before is worked on as the hook is then.
   * @returns the secret where we made a new one
   * @throws notFound, validation, forbidden
   */
  async update(actor: Actor, id: HookId, changes: HookChanges): Promise<{ hook: Hook; secret: string | null }> {
    const present = await this.get(actor, id);
    const draft = { ...present, ...withoutUndefined(changes) } as HookDraft;
    const settings = checkedSettings(draft);
    if (changes.actions !== undefined) await this.assertMay(actor, present.profileId, settings.actions);
    const isSameKind = changes.verification?.kind === present.verification.kind;
    const kept =
      changes.verification === undefined
        ? ({ keep: true } as const)
        : secretFor(changes.verification, isSameKind && present.hasSecret ? 'keep' : 'none');
    const sealed = 'keep' in kept ? undefined : await this.sealed(actor, id, kept.secret);
    return this.db.tenant(actor, async (tx) => {
      const before = await found(tx, actor, id, 'lock');
      const secretSealed = sealed === undefined ? before.secretSealed : sealed;
      const row = await updateHook(tx, id, { ...settings, secretSealed });
      await recordAudit(tx, actor, {
        action: 'hook.update',
        resource: resourceOf(row),
        before: { ...factsOf(before), secretOf: before.secretSealed?.toString('hex') },
        after: { ...factsOf(row), secretOf: row.secretSealed?.toString('hex') },
      });
      await appendEvents(tx, [event(actor, 'hook.updated', row)]);
      return { hook: hookOf(row), secret: 'keep' in kept ? null : kept.shown };
    });
  }

  /** Gives it another address; the present one goes on for so many seconds. @throws notFound */
  async rotate(actor: Actor, id: HookId, overlapSeconds: number, once?: Once<ShownHook>): Promise<ShownHook> {
    const { token, hash } = makeHookToken();
    return this.db.tenant(actor, async (tx) => {
      await found(tx, actor, id, 'lock');
      const row = await rotateHookToken(tx, id, hash, new Date(Date.now() + overlapSeconds * 1000));
      const shown = { hook: hookOf(row), token, secret: null };
      await recordAudit(tx, actor, { action: 'hook.rotate', resource: resourceOf(row), after: { overlapSeconds } });
      await once?.(tx, shown);
      await appendEvents(tx, [event(actor, 'hook.rotated', row)]);
      return shown;
    });
  }

  /** Its log goes with it, and what still waits. @throws notFound */
  async delete(actor: Actor, id: HookId): Promise<void> {
    await this.db.tenant(actor, async (tx) => {
      const row = await found(tx, actor, id, 'lock');
      await deleteHook(tx, id);
      await recordAudit(tx, actor, { action: 'hook.delete', resource: resourceOf(row), before: factsOf(row) });
      await appendEvents(tx, [event(actor, 'hook.deleted', row)]);
    });
  }

  /** Requests of the last days, counted from the log: what retention removed is not in it. @throws notFound */
  async statistics(actor: Actor, id: HookId, days: number): Promise<HookDay[]> {
    const today = new Date().setUTCHours(0, 0, 0, 0);
    const fromId = idFloor(new Date(today - (days - 1) * 86_400_000));
    return this.db.tenant(actor, async (tx) => {
      await found(tx, actor, id);
      return countHookRequests(tx, { organizationId: actor.organizationId, hookId: id, fromId });
    });
  }

  /** A hook acts within its profile, so what it names has to be there too, and its maker has to hold the rights there. */
  private async assertMay(actor: Actor, profileId: ProfileId, actions: HookAction[]): Promise<void> {
    const { organizationId } = actor;
    const isThere = await this.db.tenant(actor, (tx) => holdProfile(tx, organizationId, profileId));
    if (!isThere) throw errors.notFound({ details: { profileId } });
    for (const permission of new Set(actions.flatMap(({ kind }) => permissionsOf[kind]))) {
      const may =
        actor.permissions.has(permission) &&
        (await this.db.tenant(narrowTo(actor, permission), (tx) => holdProfile(tx, organizationId, profileId)));
      if (!may) {
        const message = `An action needs the permission ${permission}, which you lack for this profile.`;
        throw errors.forbidden({ message, details: { permission } });
      }
    }
    const within = { organizationId, reach: { workspaceIds: [], profileIds: [profileId] } };
    await this.db.tenant(within, async (tx) => {
      for (const [index, action] of actions.entries())
        await assertThere(tx, organizationId, action, `actions.${index}`);
    });
  }

  private async sealed(actor: Actor, id: HookId, secret: VerificationSecret | null): Promise<Buffer | null> {
    if (secret === null) return null;
    const sealer = await this.sealer.forOrganization(actor.organizationId);
    return sealer.seal(JSON.stringify(secret), hookSecretContext(id));
  }
}

async function found(tx: Tx, actor: Actor, id: HookId, lock?: 'lock'): Promise<HookRow> {
  const row = await findHook(tx, actor.organizationId, id, lock);
  if (!row) throw errors.notFound({ message: 'There is no such hook.', details: { hookId: id } });
  return row;
}

/** @param tx sees nothing but the profile @throws validation naming what the action names and the profile has not */
async function assertThere(tx: Tx, organizationId: OrganizationId, action: HookAction, path: string): Promise<void> {
  if (action.kind === 'send_template' && !(await findTemplate(tx, organizationId, action.templateId))) {
    throw errors.validation({
      fields: [{ path: `${path}.templateId`, message: 'must be a template of the profile' }],
    });
  }
  if (action.kind === 'start_broadcast' && !(await findBroadcast(tx, organizationId, action.broadcastId))) {
    throw errors.validation({
      fields: [{ path: `${path}.broadcastId`, message: 'must be a broadcast of the profile' }],
    });
  }
}

const resourceOf = ({ id, name }: HookRow) => ({ type: 'hook', id, name });

function factsOf({ profileId, name, verification, actions, delivery, allowedIps, ratePerMinute, enabled }: HookRow) {
  return { profileId, name, verification, actions, delivery, allowedIps, ratePerMinute, enabled };
}

function event<N extends EventName>(actor: Actor, name: N, { organizationId, profileId, id, name: called }: HookRow) {
  return { organizationId, profileId, name, actor: eventActor(actor), payload: { id, name: called } } as NewEvent;
}

function withoutUndefined(changes: HookChanges): HookChanges {
  return Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined));
}
