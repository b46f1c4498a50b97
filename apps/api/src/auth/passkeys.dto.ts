import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import type { PasskeyRow } from '#database';
import { IfGiven } from '../http/if-given.js';
import { IsName } from '../http/is-name.js';
import { PasskeyAnswerIn } from './passkey-answer.dto.js';

export class RegisterPasskeyIn extends PasskeyAnswerIn {
  @ApiPropertyOptional({ description: 'Name for people. Default: "Passkey".', maxLength: 100, example: 'Work laptop' })
  @IfGiven()
  @IsName()
  name?: string;
}

export class RenamePasskeyIn {
  @ApiProperty({ description: 'Name for people.', maxLength: 100, example: 'Work laptop' })
  @IsName()
  name: string;
}

export class PasskeyOut {
  @ApiProperty({ description: 'Id of the passkey.', format: 'uuid', example: '0198c2f0-7b1a-7c3e-9d4e-5f6a7b8c9d13' })
  id: string;

  @ApiProperty({ description: 'Name for people.', example: 'Work laptop' })
  name: string;

  @ApiProperty({ description: 'Whether it is synchronised between devices.', example: true })
  synced: boolean;

  @ApiProperty({
    description: 'How the browser reaches it, as it said.',
    type: [String],
    example: ['internal', 'hybrid'],
  })
  transports: string[];

  @ApiProperty({ description: 'When it was added.', format: 'date-time', example: '2026-11-21T08:30:00.000Z' })
  createdAt: string;

  @ApiProperty({
    description: 'When it was last used.',
    type: String,
    format: 'date-time',
    nullable: true,
    example: '2026-11-21T08:42:00.000Z',
  })
  lastUsedAt: string | null;
}

export class RegisteredPasskeyOut extends PasskeyOut {
  @ApiProperty({
    description: 'When it is your first second factor: codes for the day it is lost, shown only now. Otherwise null.',
    type: [String],
    nullable: true,
    example: ['7k2m-9qxd-r4tz-1c8v', '3hw6-pn0s-v5bj-e8yk'],
  })
  backupCodes: string[] | null;
}

export class DeletedPasskeyOut {
  @ApiProperty({ description: 'Id of the passkey.', format: 'uuid', example: '0198c2f0-7b1a-7c3e-9d4e-5f6a7b8c9d13' })
  id: string;

  @ApiProperty({ description: 'Always true.', example: true })
  deleted: boolean;
}

export function presentPasskey(row: PasskeyRow): PasskeyOut {
  return {
    id: row.id,
    name: row.name,
    synced: row.backedUp,
    transports: row.transports,
    createdAt: row.createdAt.toISOString(),
    lastUsedAt: row.lastUsedAt?.toISOString() ?? null,
  };
}
