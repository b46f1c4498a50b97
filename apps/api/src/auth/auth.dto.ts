import { ApiProperty, ApiPropertyOptional, PartialType } from '@nestjs/swagger';
import { IsEmail, IsNotEmpty, IsString, MaxLength } from 'class-validator';
import { type Actor, type Permission, permissions } from '#contracts';
import type { LoginOverview, UserRow } from '#database';
import {
  type AskedForSecondFactor,
  type LoggedIn,
  PASSWORD_MAX,
  PASSWORD_MIN,
  type RegistrationMode,
  type SessionTokens,
} from '#domain';
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

/** Tokens and user, once somebody is logged in. */
export class LoggedInOut extends TokensOut {
  @ApiProperty({ description: 'Who logged in.', type: UserOut })
  user: UserOut;
}

const secondFactorMethods = ['totp', 'passkey', 'backup_code'] as const;

/** Either tokens and user, or what the second step needs. */
export class LoginOut extends PartialType(LoggedInOut) {
  @ApiProperty({ description: 'Whether a second factor is needed: there are no tokens yet.', example: false })
  requires2FA: boolean;

  @ApiPropertyOptional({
    description: 'For the second step (`POST /auth/2fa/verify`), for ten minutes and five tries. Opaque.',
    example: 'wpc_5sJ0m3Wq9xYb2Vt7Rk4Lh1Nc8Pz6Du0Ef3Ga5Ti2Xo',
  })
  challenge?: string;

  @ApiPropertyOptional({
    description: 'The same as `challenge`, under the name that clients of the older product send back.',
    example: 'wpc_5sJ0m3Wq9xYb2Vt7Rk4Lh1Nc8Pz6Du0Ef3Ga5Ti2Xo',
  })
  userId?: string;

  @ApiPropertyOptional({
    description: 'With what the second step can be done.',
    enum: secondFactorMethods,
    isArray: true,
    example: ['totp', 'backup_code'],
  })
  methods?: AskedForSecondFactor['methods'];
}

/** Tokens and user, or that a link was mailed. */
export class RegisteredOut extends PartialType(LoggedInOut) {
  @ApiProperty({
    description: 'Whether a link was mailed that has to be followed first: there is no account and no tokens yet.',
    example: false,
  })
  verificationRequired: boolean;
}

class OidcOptionOut {
  @ApiProperty({ description: 'What the button says.', example: 'Single sign-on' })
  name: string;
}

export class SignInOptionsOut {
  @ApiProperty({
    description: 'Who may become a user: `open` anybody, `invitation` who is invited, `closed` nobody new.',
    enum: ['open', 'invitation', 'closed'],
    example: 'open',
  })
  registration: RegistrationMode;

  @ApiProperty({ description: 'Whether addresses have to be verified before the first log-in.', example: false })
  emailVerification: boolean;

  @ApiProperty({
    description: 'The identity provider; null when there is none.',
    type: OidcOptionOut,
    nullable: true,
    example: { name: 'Single sign-on' },
  })
  oidc: OidcOptionOut | null;
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

  @ApiProperty({
    description: 'Whether this credential may change what belongs to the whole installation.',
    example: false,
  })
  isPlatformAdmin: boolean;

  @ApiProperty({ description: 'Whether mail to the address was shown to arrive.', example: true })
  emailVerified: boolean;

  @ApiProperty({ description: 'False for who logs in through the identity provider or a passkey only.', example: true })
  hasPassword: boolean;

  @ApiProperty({ description: 'Whether log-in by password asks for a second factor.', example: true })
  twoFactorEnabled: boolean;

  @ApiProperty({ description: 'Whether an authenticator app is set up.', example: true })
  totpEnabled: boolean;

  @ApiProperty({ description: 'How many passkeys there are.', example: 1 })
  passkeys: number;

  @ApiProperty({ description: 'Backup codes that are not used yet.', example: 10 })
  backupCodesRemaining: number;

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

  @ApiProperty({ description: 'The same, under the name that clients of the older product read.', example: true })
  success: boolean;

  @ApiProperty({
    description: 'Where to log out at the identity provider too; null for who did not come from there.',
    type: String,
    nullable: true,
    example: null,
  })
  logoutUrl: string | null;
}

export function presentTokens(tokens: SessionTokens): TokensOut {
  const { accessToken, refreshToken, expiresInSeconds } = tokens;
  return { accessToken, refreshToken, expiresIn: expiresInSeconds };
}

export function presentLoggedIn(loggedIn: LoggedIn): LoggedInOut {
  return { ...presentTokens(loggedIn), user: presentUser(loggedIn.user) };
}

/** What the first step of a log-in answers. */
export function presentLogin(result: LoggedIn | AskedForSecondFactor): LoginOut {
  if ('challenge' in result) {
    const { challenge, methods, expiresInSeconds } = result;
    return { requires2FA: true, challenge, userId: challenge, methods, expiresIn: expiresInSeconds };
  }
  return { requires2FA: false, ...presentLoggedIn(result) };
}

export function presentRegistered(loggedIn: LoggedIn | null): RegisteredOut {
  if (loggedIn === null) return { verificationRequired: true };
  return { verificationRequired: false, ...presentLoggedIn(loggedIn) };
}

export function presentMe(actor: Actor, user: UserRow, login: LoginOverview): MeOut {
  return {
    ...presentUser(user),
    permissions: [...actor.permissions],
    credential: actor.credential.kind,
    isPlatformAdmin: actor.isPlatformAdmin,
    emailVerified: login.emailVerifiedAt !== null,
    hasPassword: login.hasPassword,
    twoFactorEnabled: login.totp || login.passkeys > 0,
    totpEnabled: login.totp,
    passkeys: login.passkeys,
    backupCodesRemaining: login.backupCodes,
    createdAt: user.createdAt.toISOString(),
    lastLoginAt: user.lastLoginAt?.toISOString() ?? null,
  };
}

export function presentUser({ id, email, name, role, organizationId, organizationName }: UserRow): UserOut {
  return { id, email, name, role, organizationId, organizationName };
}

const signedInExample = {
  accessToken: 'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzaWQiOiIwMTk4YzJmMCJ9.m3Yq0v1s2w3x4y5z',
  refreshToken: 'wpr_9d1xHq0Yc3mVt5rJ8kLw2bN4zP6sT7uA1eF0gD3iXyQ',
  expiresIn: 900,
  user: {
    id: '0198c2f0-7b1a-7c3e-9d4e-5f6a7b8c9d0e',
    email: 'ana@example.com',
    name: 'Ana Prado',
    role: 'owner',
    organizationId: '0198c2f0-7b19-7a52-8c11-2d3e4f5a6b7c',
    organizationName: 'Kettle & Sons',
  },
};

export const loginExample: LoginOut = { requires2FA: false, ...signedInExample };
export const registeredExample: RegisteredOut = { verificationRequired: false, ...signedInExample };
