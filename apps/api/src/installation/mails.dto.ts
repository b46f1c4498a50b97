import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn } from 'class-validator';
import { type MailKind, mailKinds } from '#contracts';
import type { MailRow, MailState } from '#database';
import type { OpenedMail } from '#domain';
import { IfGiven } from '../http/if-given.js';
import { PageQuery } from '../http/page.js';

const states: MailState[] = ['queued', 'sent', 'held', 'failed'];

export class MailsQuery extends PageQuery {
  @ApiPropertyOptional({ description: 'Only mails in this state.', enum: states, example: 'held' })
  @IfGiven()
  @IsIn(states)
  state?: MailState;
}

export class MailOut {
  @ApiProperty({ description: 'Id of the mail.', format: 'uuid', example: '0198c2f0-7b19-7c11-b2a4-1f2e3d4c5b6a' })
  id: string;

  @ApiProperty({
    description: 'Organization that it concerns.',
    type: String,
    format: 'uuid',
    nullable: true,
    example: '0198c2f0-7b19-7c11-b2a4-1f2e3d4c5b6b',
  })
  organizationId: string | null;

  @ApiProperty({ description: 'What it is about.', enum: Object.keys(mailKinds), example: 'invitation' })
  kind: MailKind;

  @ApiProperty({ description: 'To whom.', format: 'email', example: 'ada@example.com' })
  to: string;

  @ApiProperty({
    description: '`held`: there is no mail server to send it with; pass its link on yourself.',
    enum: states,
    example: 'held',
  })
  state: MailState;

  @ApiProperty({ description: 'How often it was tried.', example: 1 })
  attempts: number;

  @ApiProperty({ description: 'Why the last try failed.', type: String, nullable: true, example: null })
  lastError: string | null;

  @ApiProperty({ description: 'When it was queued.', format: 'date-time', example: '2026-11-21T08:30:00.000Z' })
  createdAt: string;

  @ApiProperty({
    description: 'When its link stops working.',
    format: 'date-time',
    example: '2026-11-22T08:30:00.000Z',
  })
  expiresAt: string;

  @ApiProperty({
    description: 'When the mail server took it.',
    type: String,
    format: 'date-time',
    nullable: true,
    example: null,
  })
  sentAt: string | null;
}

export class OpenedMailOut extends MailOut {
  @ApiProperty({
    description: 'Subject; null once it was sent or has expired.',
    type: String,
    nullable: true,
    example: 'You were invited to Example Inc.',
  })
  subject: string | null;

  @ApiProperty({
    description: 'Text, with the link.',
    type: String,
    nullable: true,
    example: 'Open https://waypost.example.com/invitation#token=abc to join.',
  })
  text: string | null;

  @ApiProperty({
    description: 'The link. Whoever has it can use it: give it to the recipient and nobody else.',
    type: String,
    nullable: true,
    example: 'https://waypost.example.com/invitation#token=abc',
  })
  link: string | null;
}

export function presentMail(row: MailRow): MailOut {
  return {
    id: row.id,
    organizationId: row.organizationId,
    kind: row.kind,
    to: row.recipient,
    state: row.state,
    attempts: row.attempts,
    lastError: row.lastError,
    createdAt: row.createdAt.toISOString(),
    expiresAt: row.expiresAt.toISOString(),
    sentAt: row.sentAt?.toISOString() ?? null,
  };
}

export function presentOpenedMail({ mail, content }: OpenedMail): OpenedMailOut {
  return {
    ...presentMail(mail),
    subject: content?.subject ?? null,
    text: content?.text ?? null,
    link: content?.link ?? null,
  };
}
