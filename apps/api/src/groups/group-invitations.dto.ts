import { ApiProperty } from '@nestjs/swagger';
import { IsString, IsUUID, Length, Matches, ValidateIf } from 'class-validator';
import type { MessageId, ProfileId } from '#contracts';
import { groupLimits } from '#engine';
import { GroupQuery } from './groups.dto.js';

/** WhatsApp's address of a group. */
export const groupAddress = /^[\d-]{5,40}@g\.us$/;

export class InvitationMessageIn {
  @ApiProperty({
    description: 'A received message of type `group_invite` (our id).',
    format: 'uuid',
    example: '0198c2f3-5e6f-7a1b-9c2d-3e4f5a6b7c8d',
  })
  @IsUUID(undefined, { message: 'must be a UUID' })
  messageId: MessageId;
}

export class CancelJoinIn {
  @ApiProperty({
    description: 'Whose account waits to be let in.',
    format: 'uuid',
    example: '0198c2f1-1c2d-7e3f-8a4b-5c6d7e8f9a0b',
  })
  @IsUUID(undefined, { message: 'must be a UUID' })
  profileId: ProfileId;

  @ApiProperty({ description: 'The address of the group.', maxLength: 60, example: '120363041234567890@g.us' })
  @IsString()
  @Matches(groupAddress, { message: 'must be <id>@g.us' })
  jid: string;
}

export class CancelledJoinOut {
  @ApiProperty({ description: 'The address of the group.', example: '120363041234567890@g.us' })
  jid: string;

  @ApiProperty({ description: 'Always true.', example: true })
  cancelled: boolean;
}

export class RevokedInvitationsOut {
  @ApiProperty({ description: 'How many people were named.', example: 1 })
  revoked: number;
}

export class OwnTagIn extends GroupQuery {
  @ApiProperty({
    description: 'What members see under the name of this account; null takes it away.',
    type: String,
    nullable: true,
    maxLength: groupLimits.maxTagLength,
    example: 'Head baker',
  })
  @ValidateIf((_, value) => value !== null)
  @IsString()
  @Length(1, groupLimits.maxTagLength)
  tag: string | null;
}

export class OwnTagOut {
  @ApiProperty({ description: 'The line now.', type: String, nullable: true, example: 'Head baker' })
  tag: string | null;
}
