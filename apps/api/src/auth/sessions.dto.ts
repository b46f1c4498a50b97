import { ApiProperty } from '@nestjs/swagger';
import type { SessionRow } from '#database';
import { deviceOf, placeOf } from '#domain';

const methods = ['password', 'passkey', 'oidc', 'registration', 'invitation'];

class DeviceDetailsOut {
  @ApiProperty({ description: 'The browser.', type: String, nullable: true, example: 'Firefox' })
  browser: string | null;

  @ApiProperty({ description: 'The operating system.', type: String, nullable: true, example: 'Linux' })
  os: string | null;

  @ApiProperty({
    description: '`desktop`, `mobile`, `tablet` or `tv`; null when it does not say.',
    type: String,
    nullable: true,
    example: 'desktop',
  })
  type: string | null;
}

class SessionPlaceOut {
  @ApiProperty({ description: 'ISO 3166-1 code of the country.', example: 'DE' })
  countryCode: string;

  @ApiProperty({ description: 'The country, in English.', example: 'Germany' })
  country: string;
}

export class SessionOut {
  @ApiProperty({ description: 'Id of the session.', format: 'uuid', example: '0198c2f0-7b1a-7c3e-9d4e-5f6a7b8c9d12' })
  id: string;

  @ApiProperty({ description: 'Whether it is the one that asks.', example: true })
  current: boolean;

  @ApiProperty({
    description: 'The address at log-in.',
    type: String,
    nullable: true,
    example: '203.0.113.7',
  })
  ipAddress: string | null;

  @ApiProperty({
    description: 'What the program said of itself.',
    type: String,
    nullable: true,
    example: 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
  })
  userAgent: string | null;

  @ApiProperty({ description: 'The device, for people.', example: 'Firefox on Linux' })
  device: string;

  @ApiProperty({ description: 'The device in parts.', type: DeviceDetailsOut })
  deviceDetails: DeviceDetailsOut;

  @ApiProperty({
    description: 'The country in which the address is registered; null for private and unknown ones.',
    type: SessionPlaceOut,
    nullable: true,
    example: { countryCode: 'DE', country: 'Germany' },
  })
  place: SessionPlaceOut | null;

  @ApiProperty({ description: 'How the person logged in.', enum: methods, example: 'password' })
  method: string;

  @ApiProperty({
    description: 'When it was last used, to the minute.',
    format: 'date-time',
    example: '2026-11-21T08:42:00.000Z',
  })
  lastActiveAt: string;

  @ApiProperty({ description: 'The log-in.', format: 'date-time', example: '2026-11-21T08:30:00.000Z' })
  createdAt: string;

  @ApiProperty({
    description: 'When it ends unless it is used.',
    format: 'date-time',
    example: '2026-12-21T08:30:00.000Z',
  })
  expiresAt: string;
}

export class RevokedOut {
  @ApiProperty({ description: 'Always true.', example: true })
  success: boolean;
}

export class RevokedOthersOut extends RevokedOut {
  @ApiProperty({ description: 'How many sessions ended.', example: 3 })
  revokedCount: number;
}

export function presentSession(row: SessionRow, currentId: string): SessionOut {
  const { name, ...details } = deviceOf(row.userAgent);
  return {
    id: row.id,
    current: row.id === currentId,
    ipAddress: row.ipAddress,
    userAgent: row.userAgent,
    device: name,
    deviceDetails: details,
    place: placeOf(row.ipAddress),
    method: row.method,
    lastActiveAt: row.lastActiveAt.toISOString(),
    createdAt: row.createdAt.toISOString(),
    expiresAt: row.expiresAt.toISOString(),
  };
}
