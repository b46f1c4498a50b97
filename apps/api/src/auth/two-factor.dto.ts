import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsNotEmpty, IsObject, IsString, MaxLength, ValidateNested } from 'class-validator';
import { IfGiven } from '../http/if-given.js';
import { PasskeyAnswerIn } from './passkey-answer.dto.js';

const challengeExample = 'wpc_5sJ0m3Wq9xYb2Vt7Rk4Lh1Nc8Pz6Du0Ef3Ga5Ti2Xo';

export class LoginChallengeIn {
  @ApiPropertyOptional({ description: 'From the answer of the first step.', example: challengeExample })
  @IfGiven()
  @IsString()
  @IsNotEmpty()
  @MaxLength(200)
  challenge?: string;

  @ApiPropertyOptional({
    description:
      'The same, under the name that clients of the older product use. `challenge` counts when both are there.',
    example: challengeExample,
  })
  @IfGiven()
  @IsString()
  @IsNotEmpty()
  @MaxLength(200)
  userId?: string;
}

export class VerifySecondFactorIn extends LoginChallengeIn {
  @ApiPropertyOptional({ description: 'A code of the authenticator app, or a backup code.', example: '492039' })
  @IfGiven()
  @IsString()
  @IsNotEmpty()
  @MaxLength(100)
  token?: string;

  @ApiPropertyOptional({
    description: 'The answer of a passkey to `POST /auth/2fa/passkey-options`, in place of `token`.',
    type: PasskeyAnswerIn,
  })
  @IfGiven()
  @IsObject()
  @ValidateNested()
  @Type(() => PasskeyAnswerIn)
  passkey?: PasskeyAnswerIn;
}

export class EnableTwoFactorIn {
  @ApiProperty({ description: 'The code that the authenticator app shows now.', example: '492039' })
  @IsString()
  @IsNotEmpty()
  @MaxLength(20)
  token: string;
}

export class TwoFactorSetupOut {
  @ApiProperty({
    description: 'For typing it into the app, Base32. Shown only now.',
    example: 'ODGQZTUZ5HDDZRSTC6EKUQU43IDDETE4',
  })
  secret: string;

  @ApiProperty({
    description: 'What the QR code says.',
    example: 'otpauth://totp/Waypost:ana%40example.com?secret=ODGQZTUZ5HDDZRSTC6EKUQU43IDDETE4&issuer=Waypost',
  })
  otpauthUrl: string;

  @ApiProperty({ description: 'The QR code, a PNG data URL.', example: 'data:image/png;base64,iVBORw0KGgo=' })
  qrCodeDataUrl: string;
}

export class BackupCodesOut {
  @ApiProperty({
    description: 'Each works once in place of a code of the app. Shown only now.',
    type: [String],
    example: ['7k2m-9qxd-r4tz-1c8v', '3hw6-pn0s-v5bj-e8yk'],
  })
  backupCodes: string[];
}

export class TwoFactorEnabledOut extends BackupCodesOut {
  @ApiProperty({ description: 'Always true: log-ins ask for a code from now on.', example: true })
  enabled: boolean;
}

export class TwoFactorDisabledOut {
  @ApiProperty({ description: 'Always false: the authenticator app is gone.', example: false })
  enabled: boolean;

  @ApiProperty({ description: 'Always true.', example: true })
  success: boolean;
}
