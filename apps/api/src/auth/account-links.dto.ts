import { ApiProperty } from '@nestjs/swagger';
import { IsEmail, IsNotEmpty, IsString, MaxLength } from 'class-validator';
import { PASSWORD_MAX, PASSWORD_MIN } from '#domain';
import { ReauthenticationIn } from './reauthentication.dto.js';

const tokenExample = 'q0Xv9yTn3rB5wLk2JmHs8Zc1Pd7Fg4Ea6Ui0Oy3Rt9s';

export class EmailIn {
  @ApiProperty({ description: 'The address.', example: 'ana@example.com' })
  @IsEmail()
  @MaxLength(254)
  email: string;
}

export class LinkTokenIn {
  @ApiProperty({ description: 'From the link in the mail. It works once.', example: tokenExample })
  @IsString()
  @IsNotEmpty()
  @MaxLength(200)
  token: string;
}

export class FinishRegistrationIn extends LinkTokenIn {
  @ApiProperty({
    description: 'The password that was chosen at registration: the link alone could have been sent by a stranger.',
    format: 'password',
    example: 'three green kettles',
  })
  @IsString()
  @IsNotEmpty()
  @MaxLength(4 * PASSWORD_MAX)
  password: string;
}

export class ResetPasswordIn extends LinkTokenIn {
  @ApiProperty({
    description: `The new password: ${PASSWORD_MIN} to ${PASSWORD_MAX} characters of any kind, and none of those that are guessed first.`,
    minLength: PASSWORD_MIN,
    maxLength: PASSWORD_MAX,
    format: 'password',
    example: 'four blue teapots',
  })
  @IsString()
  @IsNotEmpty()
  @MaxLength(4 * PASSWORD_MAX)
  password: string;
}

export class ChangeEmailIn extends ReauthenticationIn {
  @ApiProperty({ description: 'The new address. A link is mailed to it.', example: 'ana.prado@example.com' })
  @IsEmail()
  @MaxLength(254)
  email: string;
}

export class AcceptedOut {
  @ApiProperty({
    description: 'Always true: it was noted. Whether a mail goes out is told to nobody but the mailbox.',
    example: true,
  })
  accepted: boolean;
}

export class DoneOut {
  @ApiProperty({ description: 'Always true.', example: true })
  success: boolean;
}
