import { ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsNotEmpty, IsObject, IsString, MaxLength, ValidateNested } from 'class-validator';
import { PASSWORD_MAX, type ReauthenticationProof } from '#domain';
import { IfGiven } from '../http/if-given.js';
import { PasskeyAnswerIn } from './passkey-answer.dto.js';

/** What a person shows to confirm that it is them. Extend it, or use it as the body. */
export class ReauthenticationIn {
  @ApiPropertyOptional({
    description: 'To confirm that it is you: your password. Or give `code` or `passkey` instead.',
    format: 'password',
    example: 'three green kettles',
  })
  @IfGiven()
  @IsString()
  @IsNotEmpty()
  @MaxLength(4 * PASSWORD_MAX)
  password?: string;

  @ApiPropertyOptional({
    description: 'A code of your authenticator app, or a backup code, in place of the password.',
    maxLength: 100,
    example: '492039',
  })
  @IfGiven()
  @IsString()
  @IsNotEmpty()
  @MaxLength(100)
  code?: string;

  @ApiPropertyOptional({
    description: 'The answer of a passkey to `POST /auth/confirm/passkey-options`, in place of the password.',
    type: PasskeyAnswerIn,
  })
  @IfGiven()
  @IsObject()
  @ValidateNested()
  @Type(() => PasskeyAnswerIn)
  passkey?: PasskeyAnswerIn;
}

/** The proof in a body. */
export function proofOf({ password, code, passkey }: ReauthenticationIn): ReauthenticationProof {
  return { password, code, passkey };
}
