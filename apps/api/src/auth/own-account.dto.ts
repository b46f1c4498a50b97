import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsBoolean, IsNotEmpty, IsString, MaxLength } from 'class-validator';
import { type Preferences, preferenceCatalogue } from '#contracts';
import { PASSWORD_MAX, PASSWORD_MIN, type ReauthenticationMethod } from '#domain';
import { IfGiven } from '../http/if-given.js';

export class ChangePasswordIn {
  @ApiPropertyOptional({
    description: 'The present password. Who has none (log-in through the identity provider) leaves it out.',
    format: 'password',
    example: 'three green kettles',
  })
  @IfGiven()
  @IsString()
  @IsNotEmpty()
  @MaxLength(4 * PASSWORD_MAX)
  currentPassword?: string;

  @ApiProperty({
    description: `${PASSWORD_MIN} to ${PASSWORD_MAX} characters of any kind, and none of the passwords that are guessed first.`,
    minLength: PASSWORD_MIN,
    maxLength: PASSWORD_MAX,
    format: 'password',
    example: 'four blue teapots',
  })
  @IsString()
  @IsNotEmpty()
  @MaxLength(4 * PASSWORD_MAX)
  newPassword: string;
}

export class PasswordChangedOut {
  @ApiProperty({ description: 'Always true.', example: true })
  success: boolean;

  @ApiProperty({ description: 'How many other sessions ended by it.', example: 2 })
  revokedCount: number;
}

const { notifyOnMessage, notifyOnConnect, notifyOnDisconnect, emailNotifications, pushNotifications } =
  preferenceCatalogue;

/** Every preference with its value. */
export class PreferencesOut implements Preferences {
  @ApiProperty({ description: notifyOnMessage.describe, example: true })
  notifyOnMessage: boolean;

  @ApiProperty({ description: notifyOnConnect.describe, example: true })
  notifyOnConnect: boolean;

  @ApiProperty({ description: notifyOnDisconnect.describe, example: true })
  notifyOnDisconnect: boolean;

  @ApiProperty({ description: emailNotifications.describe, example: false })
  emailNotifications: boolean;

  @ApiProperty({ description: pushNotifications.describe, example: true })
  pushNotifications: boolean;
}

/** Those that are left out stay as they are. */
export class PreferencesIn implements Partial<Preferences> {
  @ApiPropertyOptional({ description: notifyOnMessage.describe, default: notifyOnMessage.default, example: true })
  @IfGiven()
  @IsBoolean()
  notifyOnMessage?: boolean;

  @ApiPropertyOptional({ description: notifyOnConnect.describe, default: notifyOnConnect.default, example: true })
  @IfGiven()
  @IsBoolean()
  notifyOnConnect?: boolean;

  @ApiPropertyOptional({
    description: notifyOnDisconnect.describe,
    default: notifyOnDisconnect.default,
    example: true,
  })
  @IfGiven()
  @IsBoolean()
  notifyOnDisconnect?: boolean;

  @ApiPropertyOptional({
    description: emailNotifications.describe,
    default: emailNotifications.default,
    example: true,
  })
  @IfGiven()
  @IsBoolean()
  emailNotifications?: boolean;

  @ApiPropertyOptional({ description: pushNotifications.describe, default: pushNotifications.default, example: false })
  @IfGiven()
  @IsBoolean()
  pushNotifications?: boolean;
}

export class ConfirmationMethodsOut {
  @ApiProperty({
    description:
      'With what you can confirm that it is you. `fresh_login`: you have nothing to show, so log in and repeat within ten minutes.',
    enum: ['password', 'totp', 'backup_code', 'passkey', 'fresh_login'],
    isArray: true,
    example: ['password', 'totp', 'backup_code'],
  })
  methods: ReauthenticationMethod[];
}

export class PasskeyQuestionOut {
  @ApiProperty({
    description: 'To send back with the answer.',
    format: 'uuid',
    example: '0198c2f0-7b1a-7c3e-9d4e-5f6a7b8c9d11',
  })
  challengeId: string;

  @ApiProperty({
    description: 'For the browser: `PublicKeyCredential.parseRequestOptionsFromJSON` and its like for creation.',
    type: Object,
    additionalProperties: true,
    example: { challenge: '2mWv8Qe1kZ0', rpId: 'waypost.example.com', timeout: 300000, userVerification: 'required' },
  })
  options: object;
}
