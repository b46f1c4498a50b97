import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { ArrayMaxSize, ArrayNotEmpty, IsArray, IsIn, IsObject, IsOptional, IsUUID } from 'class-validator';
import {
  type HookActionResult,
  type HookRequestId,
  type HookRequestState,
  type HookSource,
  hookActionKinds,
  hookRequestStates,
  hookSources,
} from '#contracts';
import type { HookRequestRow } from '#database';
import type { DryRunOfAction, LoggedHookRequest, PlannedAction } from '#domain';
import { toChatJid } from '#engine';
import { IfGiven } from '../http/if-given.js';
import { PageQuery } from '../http/page.js';

const requestId = '0198c2f5-2b3c-7d4e-9f50-6b7c8d9e0f1a';
const messageId = '0198c2f3-5e6f-7a1b-9c2d-3e4f5a6b7c8d';
const sample = { id: 1001, status: 'shipped', customer: { name: 'Ada', phone: '+49 151 12345678' } };

export class HookSampleIn {
  @ApiPropertyOptional({
    description: 'The body of the sample: a JSON object.',
    type: 'object',
    additionalProperties: true,
    example: sample,
  })
  @IfGiven()
  @IsObject()
  body?: Record<string, unknown>;

  @ApiPropertyOptional({
    description: 'Its headers.',
    type: 'object',
    additionalProperties: { type: 'string' },
    example: { 'x-event': 'order' },
  })
  @IfGiven()
  @IsObject()
  headers?: Record<string, unknown>;

  @ApiPropertyOptional({
    description: 'Its query.',
    type: 'object',
    additionalProperties: { type: 'string' },
    example: {},
  })
  @IfGiven()
  @IsObject()
  query?: Record<string, unknown>;
}

export class DryRunHookIn extends HookSampleIn {
  @ApiPropertyOptional({
    description: 'A request of the log, in place of a sample.',
    format: 'uuid',
    example: requestId,
  })
  @IfGiven()
  @IsUUID(undefined, { message: 'must be a UUID' })
  requestId?: HookRequestId;

  @ApiPropertyOptional({
    description: 'Actions to try in place of those of the hook.',
    type: 'array',
    items: { type: 'object', additionalProperties: true },
    example: [{ kind: 'send_message', to: '{{ body.customer.phone }}', message: { kind: 'text', text: 'Hello' } }],
  })
  @IfGiven()
  @IsArray()
  @ArrayNotEmpty()
  @ArrayMaxSize(10)
  @IsObject({ each: true })
  actions?: Record<string, unknown>[];
}

export class HookRequestsQuery extends PageQuery {
  @ApiPropertyOptional({ description: 'Only requests in this state.', enum: hookRequestStates, example: 'failed' })
  @IsOptional()
  @IsIn(hookRequestStates)
  state?: HookRequestState;
}

export class HookReceivedOut {
  @ApiProperty({ description: 'Id of the request in the log of the hook.', format: 'uuid', example: requestId })
  requestId: string;

  @ApiProperty({
    description: 'Whether it was delivered before under the same id; then nothing is done a second time.',
    example: false,
  })
  repeat: boolean;
}

export class HookActionResultOut implements HookActionResult {
  @ApiProperty({ description: 'Kind of the action.', enum: hookActionKinds, example: 'send_message' })
  kind: HookActionResult['kind'];

  @ApiProperty({ description: 'False when its conditions did not hold.', example: true })
  applied: boolean;

  @ApiPropertyOptional({ description: 'Our id of the message that was queued.', format: 'uuid', example: messageId })
  messageId?: string;

  @ApiPropertyOptional({
    description: 'The contact that was kept, or has other tags now.',
    format: 'uuid',
    example: '0198c2f4-1b2c-7d3e-8f40-5a6b7c8d9e0f',
  })
  contactId?: string;

  @ApiPropertyOptional({
    description: 'The broadcast that was made and started.',
    format: 'uuid',
    example: '0198c2f6-2c3d-7e4f-9051-6b7c8d9e0f1a',
  })
  broadcastId?: string;
}

export class HookRequestErrorOut {
  @ApiProperty({ description: 'Code of the catalogue of errors.', example: 'HOOK_MAPPING_FAILED' })
  code: string;

  @ApiProperty({ description: 'What was wrong.', example: 'action.to must not be empty.' })
  message: string;
}

export class HookRequestOut {
  @ApiProperty({ description: 'Id of the request.', format: 'uuid', example: requestId })
  id: string;

  @ApiProperty({
    description: '`received` from outside, the `replay` of another one, or a `test` of an owner.',
    enum: hookSources,
    example: 'received' satisfies HookSource,
  })
  source: HookSource;

  @ApiProperty({
    description: 'Of a replay: which request.',
    type: String,
    format: 'uuid',
    nullable: true,
    example: null,
  })
  replayOf: string | null;

  @ApiProperty({
    description:
      '`queued`: to be worked on now or again. `done`: every action that applied was carried out. `skipped`: none applied. `failed`: an action was refused and the rest left. `rejected`: refused before it was read.',
    enum: hookRequestStates,
    example: 'done' satisfies HookRequestState,
  })
  state: HookRequestState;

  @ApiProperty({ description: 'What each action did, in their order.', type: [HookActionResultOut] })
  results: HookActionResultOut[];

  @ApiProperty({
    description: 'Why it failed, was rejected, or is tried again.',
    type: HookRequestErrorOut,
    nullable: true,
    example: null,
  })
  error: HookRequestErrorOut | null;

  @ApiProperty({ description: 'How often it was worked on.', example: 1 })
  attempts: number;

  @ApiProperty({
    description: "The sender's own id of it.",
    type: String,
    nullable: true,
    example: '72d3162e-cc78-11e3-81ab-4c9367dc0958',
  })
  deliveryKey: string | null;

  @ApiProperty({ description: 'From where it came.', type: String, nullable: true, example: '203.0.113.7' })
  address: string | null;

  @ApiProperty({ description: 'Size of the body, bytes.', example: 118 })
  sizeBytes: number;

  @ApiProperty({ description: 'When it came.', format: 'date-time', example: '2026-11-21T08:30:00.000Z' })
  receivedAt: string;

  @ApiProperty({
    description: 'When it was done with.',
    type: String,
    format: 'date-time',
    nullable: true,
    example: '2026-11-21T08:30:00.084Z',
  })
  finishedAt: string | null;
}

export class HookRequestDetailOut extends HookRequestOut {
  @ApiProperty({
    description: 'Its headers, credentials masked; null when they were not kept.',
    type: 'object',
    additionalProperties: { type: 'string' },
    nullable: true,
    example: { 'content-type': 'application/json', authorization: '***' },
  })
  headers: Record<string, string> | null;

  @ApiProperty({
    description: 'Its query, credentials masked.',
    type: 'object',
    additionalProperties: { type: 'string' },
    nullable: true,
    example: {},
  })
  query: Record<string, string> | null;

  @ApiProperty({
    description: 'Its body as it was read: JSON, or the fields of the form.',
    type: Object,
    nullable: true,
    example: sample,
  })
  body: unknown;
}

export class HookProblemOut {
  @ApiProperty({ description: 'Code of the catalogue of errors.', example: 'HOOK_MAPPING_FAILED' })
  code: string;

  @ApiProperty({ description: 'What is wrong.', example: 'action.to must not be empty.' })
  message: string;
}

export class HookDryRunOut {
  @ApiProperty({ description: 'Kind of the action.', enum: hookActionKinds, example: 'send_message' })
  kind: string;

  @ApiProperty({ description: 'Whether its conditions hold.', example: true })
  applies: boolean;

  @ApiProperty({
    description: 'What it would do, filled in; null when it would do nothing, or cannot be filled in.',
    type: 'object',
    additionalProperties: true,
    nullable: true,
    example: { to: '4915112345678@s.whatsapp.net', message: { kind: 'text', text: 'Hello' } },
  })
  plan: Record<string, unknown> | null;

  @ApiProperty({ description: 'Why it would fail.', type: HookProblemOut, nullable: true, example: null })
  problem: HookProblemOut | null;
}

export function presentHookRequest(row: HookRequestRow): HookRequestOut {
  const { id, source, replayOf, state, results, attempts, deliveryKey, address, sizeBytes, errorCode } = row;
  return {
    id,
    source,
    replayOf,
    state,
    results,
    error: errorCode === null ? null : { code: errorCode, message: row.errorMessage ?? '' },
    attempts,
    deliveryKey: deliveryKey,
    address,
    sizeBytes,
    receivedAt: row.receivedAt.toISOString(),
    finishedAt: row.finishedAt?.toISOString() ?? null,
  };
}

export function presentHookRequestDetail({ request, content }: LoggedHookRequest): HookRequestDetailOut {
  const { headers = null, query = null, body = null } = content ?? {};
  return { ...presentHookRequest(request), headers, query, body };
}

export function presentDryRun(action: DryRunOfAction): HookDryRunOut {
  const { kind, applies } = action;
  if (!action.applies) return { kind, applies, plan: null, problem: null };
  const { planned, problem } = action;
  return {
    ...{ kind, applies },
    plan: planned ? planOf(planned) : null,
    problem: problem ? { code: problem.code, message: problem.message } : null,
  };
}

function planOf(planned: PlannedAction): Record<string, unknown> {
  if (planned.kind === 'start_broadcast') {
    const { broadcastId, name = null, variables } = planned;
    return { broadcastId, name, variables };
  }
  const to = toChatJid(planned.to);
  switch (planned.kind) {
    case 'send_template': {
      const { templateId, values: variables, timeZone = null } = planned;
      return { to, templateId, variables, timeZone };
    }
    case 'send_message': {
      const { message } = planned;
      if ('content' in message) return { to, message: message.content };
      const { form: kind, ...file } = message.given;
      return { to, message: { kind, ...file, caption: message.caption } };
    }
    case 'upsert_contact': {
      const { name = null, tags, metadata } = planned;
      return { phone: planned.to.phone, to, name, tags, metadata };
    }
    default:
      return { phone: planned.to.phone, to, tags: planned.tags };
  }
}
