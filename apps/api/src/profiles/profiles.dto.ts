import { ApiProperty, ApiPropertyOptional, OmitType } from '@nestjs/swagger';
import { IsObject, IsString, IsUUID, ValidateIf } from 'class-validator';
import {
  type AccountId,
  connectionCodes,
  connectionStates,
  healthCodes,
  healthGrades,
  type WorkspaceId,
} from '#contracts';
import type { ProfileRow } from '#database';
import { type ProfileStatus, qrImage, statusOf, type WaitingQr } from '#domain';
import { IfGiven } from '../http/if-given.js';
import { IsName } from '../http/is-name.js';
import { PageQuery } from '../http/page.js';

const profileId = '0198c2f0-8a01-7b33-94c6-3a4b5c6d7e80';
const accountId = '0198c2f0-7b1a-7d22-a3b5-2a3b4c5d6e7f';
const workspaceId = '0198c2f0-7b19-7c11-b2a4-1f2e3d4c5b6a';

const userActions = ['none', 'connect', 'scan_qr', 'enter_pairing_code', 'wait', 'contact_operator'];

export class CreateProfileIn {
  @ApiPropertyOptional({ description: 'Name for people. This or `displayName`.', maxLength: 100, example: 'Support' })
  @ValidateIf((body: CreateProfileIn) => body.name !== undefined || body.displayName === undefined)
  @IsName()
  name?: string;

  @ApiPropertyOptional({ description: 'Older name of `name`.', maxLength: 100, example: 'Support' })
  @IfGiven()
  @IsName()
  displayName?: string;

  @ApiPropertyOptional({
    description: 'The workspace it belongs to. Default: that of the account.',
    format: 'uuid',
    example: workspaceId,
  })
  @IfGiven()
  @IsUUID(undefined, { message: 'must be a UUID' })
  workspaceId?: WorkspaceId;

  @ApiPropertyOptional({
    description: 'The account it belongs to. Default: the oldest of the workspace, or of the organization.',
    format: 'uuid',
    example: accountId,
  })
  @IfGiven()
  @IsUUID(undefined, { message: 'must be a UUID' })
  accountId?: AccountId;

  @ApiPropertyOptional({
    description: 'Anything of yours; kept as it is.',
    type: Object,
    additionalProperties: true,
    example: { team: 'north' },
  })
  @IfGiven()
  @IsObject()
  settings?: Record<string, unknown>;
}

/** In an account the path says which one. */
export class CreateAccountProfileIn extends OmitType(CreateProfileIn, ['accountId', 'workspaceId']) {}

export class UpdateProfileIn {
  @ApiPropertyOptional({ description: 'Name for people.', maxLength: 100, example: 'Support' })
  @IfGiven()
  @IsName()
  name?: string;

  @ApiPropertyOptional({ description: 'Moves it to another account.', format: 'uuid', example: accountId })
  @IfGiven()
  @IsUUID(undefined, { message: 'must be a UUID' })
  accountId?: AccountId;

  @ApiPropertyOptional({
    description: 'Anything of yours; replaces what was there.',
    type: Object,
    additionalProperties: true,
    example: { team: 'north' },
  })
  @IfGiven()
  @IsObject()
  settings?: Record<string, unknown>;
}

export class ProfilesQuery extends PageQuery {
  @ApiPropertyOptional({ description: 'Only profiles of this workspace.', format: 'uuid', example: workspaceId })
  @IfGiven()
  @IsUUID(undefined, { message: 'must be a UUID' })
  workspaceId?: WorkspaceId;

  @ApiPropertyOptional({ description: 'Only profiles of this account.', format: 'uuid', example: accountId })
  @IfGiven()
  @IsUUID(undefined, { message: 'must be a UUID' })
  accountId?: AccountId;
}

export class PairingCodeIn {
  @ApiProperty({
    description:
      'The number of the phone that will type the code, with country code; plus, spaces and dashes are fine.',
    example: '+4915112345678',
  })
  @IsString()
  phoneNumber: string;
}

/** What is known of the connection, in every answer about a profile. */
class ConnectionOut {
  @ApiProperty({ description: 'The measured connection state.', enum: connectionStates, example: 'connected' })
  status: string;

  @ApiProperty({
    description: 'Why it is in this state; stable.',
    enum: Object.keys(connectionCodes),
    example: 'connected',
  })
  code: string;

  @ApiProperty({ description: 'The state as a sentence for people.', example: 'Connected to WhatsApp.' })
  message: string;

  @ApiProperty({ description: 'What a person can do about it.', enum: userActions, example: 'none' })
  action: string;
}

export class ProfileOut extends ConnectionOut {
  @ApiProperty({ description: 'Id of the profile.', format: 'uuid', example: profileId })
  id: string;

  @ApiProperty({ description: 'Its workspace.', format: 'uuid', example: workspaceId })
  workspaceId: string;

  @ApiProperty({ description: 'Its account.', format: 'uuid', example: accountId })
  accountId: string;

  @ApiProperty({ description: 'Name for people.', example: 'Support' })
  name: string;

  @ApiProperty({ description: 'Same as `name`.', example: 'Support' })
  displayName: string;

  @ApiProperty({
    description: 'Number that is or was linked, digits with country code; null before the first link.',
    type: String,
    nullable: true,
    example: '4915112345678',
  })
  phoneNumber: string | null;

  @ApiProperty({ description: 'Same as `phoneNumber`.', type: String, nullable: true, example: '4915112345678' })
  phone: string | null;

  @ApiProperty({
    description: "WhatsApp's hidden id of the number.",
    type: String,
    nullable: true,
    example: '104857601234567',
  })
  lid: string | null;

  @ApiProperty({ description: 'The name it shows on WhatsApp.', type: String, nullable: true, example: 'Shop' })
  pushName: string | null;

  @ApiProperty({
    description: 'What its people want; the status follows.',
    enum: ['connected', 'disconnected', 'logged_out'],
    example: 'connected',
  })
  desiredState: string;

  @ApiProperty({ description: 'When the status began.', format: 'date-time', example: '2026-11-21T08:31:00.000Z' })
  statusSince: string;

  @ApiProperty({
    description: 'When it was last connected.',
    type: String,
    format: 'date-time',
    nullable: true,
    example: '2026-11-21T08:31:00.000Z',
  })
  lastConnectedAt: string | null;

  @ApiProperty({ description: 'As given.', type: Object, additionalProperties: true, example: { team: 'north' } })
  settings: Record<string, unknown>;

  @ApiProperty({ description: 'When it was made.', format: 'date-time', example: '2026-11-21T08:30:00.000Z' })
  createdAt: string;

  @ApiProperty({ description: 'When it was last changed.', format: 'date-time', example: '2026-11-21T08:30:00.000Z' })
  updatedAt: string;
}

export class HealthFindingOut {
  @ApiProperty({ description: 'Stable code.', enum: Object.keys(healthCodes), example: 'acks_slow' })
  code: string;

  @ApiProperty({ description: 'How bad it is.', enum: healthGrades, example: 'degraded' })
  grade: string;

  @ApiProperty({ description: 'For people.', example: 'WhatsApp acknowledges sent messages slowly.' })
  sentence: string;
}

export class LatencyOut {
  @ApiProperty({ description: 'How many round trips were measured in the last five minutes.', example: 42 })
  samples: number;

  @ApiProperty({ description: 'Half of them took no longer, milliseconds.', example: 85 })
  p50Ms: number;

  @ApiProperty({ description: '19 of 20 took no longer, milliseconds.', example: 240 })
  p95Ms: number;
}

const moment = { type: String, format: 'date-time', nullable: true, example: '2026-11-21T08:35:12.000Z' } as const;

export class HealthOut {
  @ApiProperty({ description: 'The worst of the findings.', enum: healthGrades, example: 'healthy' })
  grade: string;

  @ApiProperty({ description: 'What does not work as it should, worst first.', type: [HealthFindingOut] })
  findings: HealthFindingOut[];

  @ApiProperty({ description: 'Whether the socket to WhatsApp is open.', example: true })
  isOpen: boolean;

  @ApiProperty({ description: 'Since when the present socket is logged in.', ...moment })
  openSince: string | null;

  @ApiProperty({
    description: 'When WhatsApp last said anything.',
    type: String,
    format: 'date-time',
    nullable: true,
    example: '2026-11-21T08:35:12.000Z',
  })
  lastStanzaAt: string | null;

  @ApiProperty({ description: 'New connections since an engine took the profile.', example: 0 })
  reconnects: number;

  @ApiProperty({ description: 'Messages that could not be decrypted since then.', example: 0 })
  decryptFailures: number;

  @ApiProperty({ description: 'Those of the last five minutes.', example: 0 })
  recentDecryptFailures: number;

  @ApiProperty({ description: 'Messages that arrived in the last five minutes.', example: 12 })
  recentMessagesIn: number;

  @ApiProperty({ description: 'When the last message arrived.', ...moment })
  lastMessageInAt: string | null;

  @ApiProperty({ description: 'When WhatsApp last acknowledged a message of ours.', ...moment })
  lastMessageOutAt: string | null;

  @ApiProperty({
    description: 'Answers to pings; null when none was measured lately.',
    type: LatencyOut,
    nullable: true,
  })
  ping: LatencyOut | null;

  @ApiProperty({
    description: 'From the start of sending to the acknowledgement of WhatsApp; null when nothing was sent lately.',
    type: LatencyOut,
    nullable: true,
  })
  ack: LatencyOut | null;

  @ApiProperty({ description: 'Sends without acknowledgement since the last one that had it.', example: 0 })
  acksMissing: number;

  @ApiProperty({
    description: 'How often another device could not read a message of ours and asked again.',
    example: 0,
  })
  retriesAsked: number;

  @ApiProperty({ description: 'How often it got it.', example: 0 })
  retriesAnswered: number;

  @ApiProperty({ description: 'Since when the WhatsApp library has held back what it learnt.', ...moment })
  bufferHeldSince: string | null;

  @ApiProperty({ description: 'Since when the message that is processed now has been so.', ...moment })
  processingSince: string | null;

  @ApiProperty({
    description: 'How often each healing step was taken.',
    type: Object,
    additionalProperties: { type: 'integer' },
    example: { flush: 0, reconnect: 1, recreate: 0 },
  })
  healed: Record<string, number>;

  @ApiProperty({ description: 'When the last one was taken.', ...moment })
  lastHealedAt: string | null;

  @ApiProperty({
    description: 'Since when the oldest answer to somebody who wrote has been due; null when none waits.',
    ...moment,
  })
  oldestDueSendAt: string | null;
}

export class ProfileStatusOut extends ConnectionOut {
  @ApiProperty({ description: 'Id of the profile.', format: 'uuid', example: profileId })
  id: string;

  @ApiProperty({ description: 'Id of the profile.', format: 'uuid', example: profileId })
  profileId: string;

  @ApiProperty({ description: 'Name for people.', example: 'Support' })
  name: string;

  @ApiProperty({ description: 'Number that is or was linked.', type: String, nullable: true, example: '4915112345678' })
  phone: string | null;

  @ApiProperty({ description: 'Same as `phone`.', type: String, nullable: true, example: '4915112345678' })
  phoneNumber: string | null;

  @ApiProperty({ description: "WhatsApp's hidden id.", type: String, nullable: true, example: '104857601234567' })
  lid: string | null;

  @ApiProperty({ description: 'The name it shows on WhatsApp.', type: String, nullable: true, example: 'Shop' })
  pushName: string | null;

  @ApiProperty({ description: 'What its people want.', example: 'connected' })
  desiredState: string;

  @ApiProperty({ description: 'When the status began.', format: 'date-time', example: '2026-11-21T08:31:00.000Z' })
  since: string;

  @ApiProperty({
    description: 'When it was last connected.',
    type: String,
    format: 'date-time',
    nullable: true,
    example: '2026-11-21T08:31:00.000Z',
  })
  lastConnectedAt: string | null;

  @ApiProperty({
    description: 'Whether the engine measures an open socket at this moment; null when no engine answered.',
    type: Boolean,
    nullable: true,
    example: true,
  })
  engineConnected: boolean | null;

  @ApiProperty({
    description: 'What the engine that holds the profile measures; null when none does or it did not answer.',
    type: HealthOut,
    nullable: true,
  })
  health: HealthOut | null;
}

export class QrOut extends ConnectionOut {
  @ApiProperty({
    description: 'The code as a PNG data URL; null when none is waiting, and `code` says why.',
    type: String,
    nullable: true,
    example: 'data:image/png;base64,iVBORw0KGgo…',
  })
  qr: string | null;

  @ApiProperty({
    description: 'The text in the code.',
    type: String,
    nullable: true,
    example: 'https://wa.me/settings/linked_devices#2@abc…',
  })
  qrText: string | null;

  @ApiProperty({
    description: 'When the next code replaces it.',
    type: String,
    format: 'date-time',
    nullable: true,
    example: '2026-11-21T08:30:20.000Z',
  })
  expiresAt: string | null;
}

export class PairingCodeOut {
  @ApiProperty({ description: 'Type it on the phone: Linked devices, Link with phone number.', example: 'K7PX29QM' })
  code: string;

  @ApiProperty({ description: 'The same as WhatsApp shows it.', example: 'K7PX-29QM' })
  formattedCode: string;
}

export class DeletedProfileOut {
  @ApiProperty({ description: 'Id of the profile.', format: 'uuid', example: profileId })
  id: string;

  @ApiProperty({ description: 'Always true.', example: true })
  deleted: boolean;
}

export function presentProfile(row: ProfileRow): ProfileOut {
  return {
    id: row.id,
    workspaceId: row.workspaceId,
    accountId: row.accountId,
    name: row.name,
    displayName: row.name,
    phoneNumber: row.phoneNumber,
    phone: row.phoneNumber,
    lid: row.lid,
    pushName: row.pushName,
    ...presentConnection(statusOf(row, null)),
    desiredState: row.desiredState,
    statusSince: row.since.toISOString(),
    lastConnectedAt: row.lastConnectedAt?.toISOString() ?? null,
    settings: row.settings,
    createdAt: row.createdAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
  };
}

export function presentStatus(status: ProfileStatus): ProfileStatusOut {
  return {
    id: status.profileId,
    profileId: status.profileId,
    name: status.name,
    ...presentConnection(status),
    phone: status.phoneNumber,
    phoneNumber: status.phoneNumber,
    lid: status.lid,
    pushName: status.pushName,
    desiredState: status.desiredState,
    since: status.since.toISOString(),
    lastConnectedAt: status.lastConnectedAt?.toISOString() ?? null,
    engineConnected: status.health?.isOpen ?? null,
    health: status.health,
  };
}

export async function presentQr({ text, expiresAt, status }: WaitingQr): Promise<QrOut> {
  return {
    qr: text === null ? null : await qrImage(text),
    qrText: text,
    expiresAt: expiresAt?.toISOString() ?? null,
    ...presentConnection(status),
  };
}

export function presentPairingCode(code: string): PairingCodeOut {
  return { code, formattedCode: `${code.slice(0, 4)}-${code.slice(4)}` };
}

function presentConnection({ state, code, sentence, userAction }: ProfileStatus): ConnectionOut {
  return { status: state, code, message: sentence, action: userAction };
}
