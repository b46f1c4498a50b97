import { ApiProperty } from '@nestjs/swagger';
import { IsEmail, IsNotEmpty, IsString, MaxLength } from 'class-validator';
import { type Actor, type Permission, permissions } from '#contracts';
import { type LoggedIn, PASSWORD_MAX, PASSWORD_MIN, type SessionTokens } from '#domain';
import { IsName } from '../http/is-name.js';

export class RegisterIn {
  @ApiProperty({
    description: 'Becomes the login name; upper and lower case are the same.',
    example: 'ana@example.com',
  })
  @IsEmail()
  @MaxLength(254)
  email: string;

  @ApiProperty({
    description: `${PASSWORD_MIN} to ${PASSWORD_MAX} characters of any kind, and none of the passwords that are guessed first.`,
    minLength: PASSWORD_MIN,
    maxLength: PASSWORD_MAX,
    format: 'password',
    example: 'three green kettles',
  })
  @IsString()
  @IsNotEmpty()
  @MaxLength(4 * PASSWORD_MAX)
  password: string;

  @ApiProperty({ description: 'Name of the person.', maxLength: 100, example: 'Ana Prado' })
  @IsName()
  name: string;

  @ApiProperty({ description: 'Name of the organization that is made.', maxLength: 100, example: 'Kettle & Sons' })
  @IsName()
  organizationName: string;
}

export class LoginIn {
  @ApiProperty({ description: 'The address given at registration.', example: 'ana@example.com' })
  @IsString()
  @IsNotEmpty()
  @MaxLength(254)
  email: string;

  @ApiProperty({ description: 'The password.', format: 'password', example: 'three green kettles' })
  @IsString()
  @IsNotEmpty()
  @MaxLength(4 * PASSWORD_MAX)
  password: string;
}

export class RefreshIn {
  @ApiProperty({
    description: 'The refresh token of the last answer. It works once.',
    example: 'wpr_9d1xHq0Yc3mVt5rJ8kLw2bN4zP6sT7uA1eF0gD3iXyQ',
  })
  @IsString()
  @IsNotEmpty()
  @MaxLength(2000)
  refreshToken: string;
}

export class UserOut {
  @ApiProperty({ description: 'Id of the user.', format: 'uuid', example: '0198c2f0-7b1a-7c3e-9d4e-5f6a7b8c9d0e' })
  id: string;

  @ApiProperty({ description: 'Login name.', example: 'ana@example.com' })
  email: string;

  @ApiProperty({ description: 'Name of the person.', example: 'Ana Prado' })
  name: string;

  @ApiProperty({ description: 'Role in the organization.', example: 'owner' })
  role: string;

  @ApiProperty({ description: 'The organization.', format: 'uuid', example: '0198c2f0-7b19-7a52-8c11-2d3e4f5a6b7c' })
  organizationId: string;

  @ApiProperty({ description: 'Name of the organization.', example: 'Kettle & Sons' })
  organizationName: string;
}

export class TokensOut {
  @ApiProperty({
    description: 'For `Authorization: Bearer`. It ends with its session even before it expires.',
    example: 'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzaWQiOiIwMTk4YzJmMCJ9.m3Yq0v1s2w3x4y5z',
  })
  accessToken: string;

  @ApiProperty({
    description: 'For `POST /auth/refresh`, once.',
    example: 'wpr_9d1xHq0Yc3mVt5rJ8kLw2bN4zP6sT7uA1eF0gD3iXyQ',
  })
  refreshToken: string;

  @ApiProperty({ description: 'Life of the access token, seconds.', example: 900 })
  expiresIn: number;
}

export class LoggedInOut extends TokensOut {
  @ApiProperty({ description: 'Who logged in.', type: UserOut })
  user: UserOut;
}

export class MeOut extends UserOut {
  @ApiProperty({
    description: 'What this credential may do now.',
    enum: permissions,
    isArray: true,
    example: ['messages.read', 'messages.send'],
  })
  permissions: Permission[];

  @ApiProperty({ description: 'How the caller showed who it is.', enum: ['session', 'api-key'], example: 'session' })
  credential: string;

  @ApiProperty({ description: 'When the user registered.', format: 'date-time', example: '2026-11-21T08:30:00.000Z' })
  createdAt: string;

  @ApiProperty({
    description: 'The last log-in.',
    type: String,
    format: 'date-time',
    nullable: true,
    example: '2026-11-21T08:30:00.000Z',
  })
  lastLoginAt: string | null;
}

export class LoggedOutOut {
  @ApiProperty({ description: 'Always true: the session has ended.', example: true })
  loggedOut: boolean;
}

export function presentTokens(tokens: SessionTokens): TokensOut {
  const { accessToken, refreshToken, expiresInSeconds } = tokens;
  return { accessToken, refreshToken, expiresIn: expiresInSeconds };
}

export function presentLoggedIn(loggedIn: LoggedIn): LoggedInOut {
  return { ...presentTokens(loggedIn), user: presentUser(loggedIn.user) };
}

export function presentMe(actor: Actor, user: LoggedIn['user'] & { createdAt: Date; lastLoginAt: Date | null }): MeOut {
  return {
    ...presentUser(user),
    permissions: [...actor.permissions],
    credential: actor.credential.kind,
    createdAt: user.createdAt.toISOString(),
    lastLoginAt: user.lastLoginAt?.toISOString() ?? null,
  };
}

function presentUser({ id, email, name, role, organizationId, organizationName }: LoggedIn['user']): UserOut {
  return { id, email, name, role, organizationId, organizationName };
}
