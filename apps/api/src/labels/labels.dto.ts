import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsInt, IsUUID, Max, Min } from 'class-validator';
import type { ConversationId, MessageId, ProfileId } from '#contracts';
import type { LabelShown } from '#database';
import type { LabelHome } from '#domain';
import { IfGiven } from '../http/if-given.js';
import { IsName } from '../http/is-name.js';

const homes: LabelHome[] = ['whatsapp', 'waypost'];
const colorDescription = 'One of WhatsApp’s colours, 0 to 19.';

export class LabelsQuery {
  @ApiProperty({ description: 'Whose labels.', format: 'uuid', example: '0198c2f1-1c2d-7e3f-8a4b-5c6d7e8f9a0b' })
  @IsUUID(undefined, { message: 'must be a UUID' })
  profileId: ProfileId;
}

export class CreateLabelIn extends LabelsQuery {
  @ApiProperty({ description: 'What it is called.', minLength: 1, maxLength: 100, example: 'New customer' })
  @IsName()
  name: string;

  @ApiPropertyOptional({ description: colorDescription, minimum: 0, maximum: 19, default: 0, example: 3 })
  @IfGiven()
  @IsInt()
  @Min(0)
  @Max(19)
  color?: number;

  @ApiPropertyOptional({
    description:
      'Where it is kept: on WhatsApp (only of WhatsApp Business accounts; the phone shows it) or here alone. Absent: WhatsApp is asked what the account is, for which the profile has to be connected.',
    enum: homes,
    example: 'waypost',
  })
  @IfGiven()
  @IsIn(homes)
  livesOn?: LabelHome;
}

export class UpdateLabelIn {
  @ApiPropertyOptional({ description: 'What it is called.', minLength: 1, maxLength: 100, example: 'Customer' })
  @IfGiven()
  @IsName()
  name?: string;

  @ApiPropertyOptional({ description: colorDescription, minimum: 0, maximum: 19, example: 4 })
  @IfGiven()
  @IsInt()
  @Min(0)
  @Max(19)
  color?: number;
}

export class LabelTargetIn {
  @ApiProperty({ description: 'The chat.', format: 'uuid', example: '0198c2f2-3d4e-7f5a-8b6c-7d8e9f0a1b2c' })
  @IsUUID(undefined, { message: 'must be a UUID' })
  conversationId: ConversationId;

  @ApiPropertyOptional({
    description: 'A message in it (our id). Absent: the chat itself.',
    format: 'uuid',
    example: '0198c2f3-5e6f-7a1b-9c2d-3e4f5a6b7c8d',
  })
  @IfGiven()
  @IsUUID(undefined, { message: 'must be a UUID' })
  messageId?: MessageId;
}

export class LabelOut {
  @ApiProperty({ description: 'Our id.', format: 'uuid', example: '0198c2f4-5e6f-7a1b-9c2d-3e4f5a6b7c8d' })
  id: string;

  @ApiProperty({ description: 'The profile.', format: 'uuid', example: '0198c2f1-1c2d-7e3f-8a4b-5c6d7e8f9a0b' })
  profileId: string;

  @ApiProperty({ description: 'What it is called.', example: 'New customer' })
  name: string;

  @ApiProperty({ description: colorDescription, example: 3 })
  color: number;

  @ApiProperty({
    description: 'Where it is kept: on WhatsApp, where the phone shows it, or here alone.',
    enum: homes,
    example: 'waypost',
  })
  livesOn: LabelHome;

  @ApiProperty({ description: 'WhatsApp’s number of it.', type: String, nullable: true, example: null })
  waLabelId: string | null;
}

export class CountedLabelOut extends LabelOut {
  @ApiProperty({ description: 'How many chats have it.', example: 7 })
  conversations: number;
}

export class LabelMarkOut {
  @ApiProperty({ description: 'The label.', format: 'uuid', example: '0198c2f4-5e6f-7a1b-9c2d-3e4f5a6b7c8d' })
  labelId: string;

  @ApiProperty({ description: 'The chat.', format: 'uuid', example: '0198c2f2-3d4e-7f5a-8b6c-7d8e9f0a1b2c' })
  conversationId: string;

  @ApiProperty({
    description: 'The message; null: the chat itself.',
    type: String,
    format: 'uuid',
    nullable: true,
    example: null,
  })
  messageId: string | null;

  @ApiProperty({ description: 'Whether it is on it now.', example: true })
  attached: boolean;
}

export class RemovedLabelOut {
  @ApiProperty({ description: 'Its id.', format: 'uuid', example: '0198c2f4-5e6f-7a1b-9c2d-3e4f5a6b7c8d' })
  id: string;

  @ApiProperty({ description: 'Always true.', example: true })
  deleted: boolean;
}

export function presentLabel({ id, profileId, name, color, waId }: LabelShown): LabelOut {
  return { id, profileId, name, color, livesOn: waId === null ? 'waypost' : 'whatsapp', waLabelId: waId };
}

export function presentCounted(label: LabelShown & { conversations: number }): CountedLabelOut {
  return { ...presentLabel(label), conversations: label.conversations };
}
