import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  IsBoolean,
  IsEmail,
  IsInt,
  IsObject,
  IsString,
  Matches,
  Max,
  MaxLength,
  Min,
  ValidateNested,
} from 'class-validator';
import type { SmtpDraft, SmtpView } from '#domain';
import { IfGiven } from '../http/if-given.js';
import { MASK, unmasked } from './mask.js';

export class SmtpIn {
  @ApiProperty({ description: 'Host name or address of the mail server.', maxLength: 253, example: 'mail.example.com' })
  @Matches(/^[A-Za-z0-9:]([A-Za-z0-9.:-]*[A-Za-z0-9:])?$/, { message: 'must be a host name or an address' })
  @MaxLength(253)
  host: string;

  @ApiProperty({ description: 'Its port.', minimum: 1, maximum: 65535, example: 587 })
  @IsInt()
  @Min(1)
  @Max(65535)
  port: number;

  @ApiPropertyOptional({
    description:
      'TLS from the first byte (usually port 465). Without it STARTTLS is used, and demanded when there is a password.',
    default: false,
    example: false,
  })
  @IfGiven()
  @IsBoolean()
  secure?: boolean;

  @ApiPropertyOptional({ description: 'User name, if the server wants one.', maxLength: 320, example: 'waypost' })
  @IfGiven()
  @IsString()
  @MaxLength(320)
  user?: string;

  @ApiPropertyOptional({
    description: `Password. Left out, or \`${MASK}\`: the stored one stays, as long as host, port and user stay.`,
    maxLength: 1000,
    example: 'correct horse battery staple',
  })
  @IfGiven()
  @IsString()
  @MaxLength(1000)
  pass?: string;

  @ApiProperty({
    description: 'Sender of the mails, with or without a name.',
    maxLength: 320,
    example: 'Waypost <waypost@example.com>',
  })
  @Matches(/^[^\p{Cc}]*[^\s@<>]+@[^\s@<>]+>?$/u, { message: 'must be an address, with or without a name before it' })
  @MaxLength(320)
  from: string;
}

export class TestSmtpIn {
  @ApiPropertyOptional({ description: 'What to test. Left out: what is in force.', type: SmtpIn })
  @IfGiven()
  @IsObject({ message: 'must be an object' })
  @ValidateNested()
  @Type(() => SmtpIn)
  candidate?: SmtpIn;
}

export class TestSmtpQuery {
  @ApiPropertyOptional({
    description: 'An address that a test mail goes to. Left out: it is only connected and logged in.',
    format: 'email',
    example: 'ada@example.com',
  })
  @IfGiven()
  @IsEmail()
  @MaxLength(320)
  sendTo?: string;
}

export class SmtpOut {
  @ApiProperty({
    description:
      'Where it was set: `organization`, `installation` (by its administrators), `environment` (SMTP_URL) or `none`.',
    enum: ['organization', 'installation', 'environment', 'none'],
    example: 'organization',
  })
  source: SmtpView['source'];

  @ApiProperty({ description: 'Host of the mail server.', type: String, nullable: true, example: 'mail.example.com' })
  host: string | null;

  @ApiProperty({ description: 'Its port.', type: Number, nullable: true, example: 587 })
  port: number | null;

  @ApiProperty({ description: 'TLS from the first byte.', type: Boolean, nullable: true, example: false })
  secure: boolean | null;

  @ApiProperty({ description: 'User name.', type: String, nullable: true, example: 'waypost' })
  user: string | null;

  @ApiProperty({
    description: `\`${MASK}\` when there is a password. The password itself is never shown.`,
    type: String,
    nullable: true,
    example: MASK,
  })
  pass: string | null;

  @ApiProperty({ description: 'Sender.', type: String, nullable: true, example: 'Waypost <waypost@example.com>' })
  from: string | null;
}

export class SettingTestOut {
  @ApiProperty({ description: 'Whether it works.', example: true })
  success: boolean;

  @ApiProperty({ description: 'What came of it, as a sentence.', example: 'It works.' })
  message: string;
}

export const smtpDraft = ({ secure = false, user, pass, ...rest }: SmtpIn): SmtpDraft => ({
  ...rest,
  secure,
  user: user || undefined,
  pass: unmasked(pass),
});

export function presentSmtp({ source, server, hasPassword }: SmtpView): SmtpOut {
  return {
    source,
    host: server?.host ?? null,
    port: server?.port ?? null,
    secure: server?.secure ?? null,
    user: server?.user ?? null,
    pass: hasPassword ? MASK : null,
    from: server?.from ?? null,
  };
}

export function presentSmtpTest({ problem }: { problem?: string }, sendTo?: string): SettingTestOut {
  if (problem !== undefined) return { success: false, message: problem };
  return { success: true, message: sendTo ? `It works; a mail is on its way to ${sendTo}.` : 'It works.' };
}
