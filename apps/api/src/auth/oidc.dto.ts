import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsNotEmpty, IsString, Matches, MaxLength } from 'class-validator';
import type { ExternalLoginRow } from '#database';
import { IfGiven } from '../http/if-given.js';
import { ReauthenticationIn } from './reauthentication.dto.js';

/** A path of ours: one slash at the start and not two, so that it never leads elsewhere. */
const OWN_PATH = /^\/(?![/\\])[^\s\\]*$/;

const returnTo = {
  description: 'Where in the dashboard to go afterwards; a path. Default: `/`.',
  pattern: OWN_PATH.source,
  maxLength: 500,
  example: '/inbox',
};

export class StartOidcIn {
  @ApiPropertyOptional(returnTo)
  @IfGiven()
  @Matches(OWN_PATH, { message: 'must be a path such as /inbox' })
  @MaxLength(500)
  returnTo?: string;
}

export class LinkOidcIn extends ReauthenticationIn {
  @ApiPropertyOptional(returnTo)
  @IfGiven()
  @Matches(OWN_PATH, { message: 'must be a path such as /inbox' })
  @MaxLength(500)
  returnTo?: string;
}

export class ExchangeOidcIn {
  @ApiProperty({
    description: 'From the address to which the browser was sent back. Good once, for one minute, in that browser.',
    example: 'Vt7Rk4Lh1Nc8Pz6Du0Ef3Ga5Ti2Xo5sJ0m3Wq9xYb2A',
  })
  @IsString()
  @IsNotEmpty()
  @MaxLength(200)
  code: string;
}

export class OidcStartOut {
  @ApiProperty({
    description: 'Where to send the browser.',
    example: 'https://login.example.com/authorize?client_id=waypost&response_type=code',
  })
  url: string;
}

export class IdentityOut {
  @ApiProperty({ description: 'Id of the link.', format: 'uuid', example: '0198c2f0-7b1a-7c3e-9d4e-5f6a7b8c9d14' })
  id: string;

  @ApiProperty({ description: 'The identity provider.', example: 'https://login.example.com' })
  issuer: string;

  @ApiProperty({
    description: 'The address the provider last named.',
    type: String,
    nullable: true,
    example: 'ana@example.com',
  })
  email: string | null;

  @ApiProperty({ description: 'When it was linked.', format: 'date-time', example: '2026-11-21T08:30:00.000Z' })
  createdAt: string;

  @ApiProperty({
    description: 'The last log-in through it.',
    type: String,
    format: 'date-time',
    nullable: true,
    example: '2026-11-21T08:42:00.000Z',
  })
  lastLoginAt: string | null;
}

export class DeletedIdentityOut {
  @ApiProperty({ description: 'Id of the link.', format: 'uuid', example: '0198c2f0-7b1a-7c3e-9d4e-5f6a7b8c9d14' })
  id: string;

  @ApiProperty({ description: 'Always true.', example: true })
  deleted: boolean;
}

export function presentIdentity({ id, issuer, email, createdAt, lastLoginAt }: ExternalLoginRow): IdentityOut {
  return {
    id,
    issuer,
    email,
    createdAt: createdAt.toISOString(),
    lastLoginAt: lastLoginAt?.toISOString() ?? null,
  };
}
