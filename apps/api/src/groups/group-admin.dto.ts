import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import {
  IsBase64,
  IsBoolean,
  IsIn,
  IsOptional,
  IsString,
  IsUUID,
  Matches,
  MaxLength,
  MinLength,
} from 'class-validator';
import type { ProfileId } from '#contracts';
import type { GroupSettings } from '#domain';
import { type GroupInfo, groupLimits, type JoinRequest } from '#engine';
import { IfGiven } from '../http/if-given.js';
import { GroupQuery } from './groups.dto.js';

const profile = '0198c2f1-1c2d-7e3f-8a4b-5c6d7e8f9a0b';
const link = 'https://chat.whatsapp.com/';
const code = /^(https:\/\/chat\.whatsapp\.com\/)?[A-Za-z0-9_-]{8,64}$/;
/** Characters of a picture in base64: about 3 MB of bytes. */
const MAX_PICTURE = 4_000_000;

export class GroupSettingsIn extends GroupQuery implements GroupSettings {
  @ApiPropertyOptional({ description: 'Only admins may write.', example: true })
  @IfGiven()
  @IsBoolean()
  announceOnly?: boolean;

  @ApiPropertyOptional({ description: 'Only admins may change name, picture and description.', example: true })
  @IfGiven()
  @IsBoolean()
  locked?: boolean;

  @ApiPropertyOptional({ description: 'Who may add people.', enum: ['all', 'admins'], example: 'admins' })
  @IfGiven()
  @IsIn(['all', 'admins'])
  memberAddMode?: 'all' | 'admins';

  @ApiPropertyOptional({ description: 'Admins approve who comes by the invite link.', example: true })
  @IfGiven()
  @IsBoolean()
  joinApproval?: boolean;

  @ApiPropertyOptional({
    description: `After how many seconds new messages disappear: ${groupLimits.disappearingSeconds.join(', ')}; null: they stay.`,
    enum: groupLimits.disappearingSeconds,
    nullable: true,
    example: 604_800,
  })
  @IsOptional()
  @IsIn(groupLimits.disappearingSeconds)
  disappearsInSeconds?: number | null;
}

export class JoinRequestOut {
  @ApiProperty({
    description: 'Phone number, where it is known.',
    type: String,
    nullable: true,
    example: '628123456789',
  })
  phone: string | null;

  @ApiProperty({ description: 'WhatsApp’s own id, where it is known.', type: String, nullable: true, example: null })
  lid: string | null;

  @ApiProperty({
    description: 'When they asked.',
    type: String,
    format: 'date-time',
    nullable: true,
    example: '2026-11-21T08:30:00.000Z',
  })
  requestedAt: string | null;

  @ApiProperty({
    description: 'By the invite link, out of the community, or proposed by a member; null: WhatsApp told another way.',
    enum: ['link', 'community', 'member'],
    nullable: true,
    type: String,
    example: 'link',
  })
  by: JoinRequest['by'];
}

export class GroupPictureIn extends GroupQuery {
  @ApiProperty({
    description: 'Any image, base64 without a data URL head; it is cut to a square of 640 pixels.',
    minLength: 4,
    maxLength: MAX_PICTURE,
    example: '/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAP==',
  })
  @IsBase64()
  @MinLength(4)
  @MaxLength(MAX_PICTURE)
  base64: string;
}

export class GroupPictureOut {
  @ApiProperty({
    description: 'WhatsApp’s id of the picture; null: there is none.',
    type: String,
    nullable: true,
    example: '1764403200',
  })
  pictureId: string | null;
}

export class GroupPictureLinkOut extends GroupPictureOut {
  @ApiProperty({
    description: 'Where WhatsApp has it, for some hours; null: there is none.',
    type: String,
    nullable: true,
    example: 'https://pps.whatsapp.net/v/t61.24694-24/1764403200.jpg',
  })
  url: string | null;
}

export class InviteQuery {
  @ApiProperty({ description: 'Whose account looks or joins.', format: 'uuid', example: profile })
  @IsUUID(undefined, { message: 'must be a UUID' })
  profileId: ProfileId;

  @ApiProperty({
    description: 'The invite link, or its code.',
    maxLength: 100,
    example: `${link}AbCdEfGhIjKlMnOpQrStUv`,
  })
  @IsString()
  @MinLength(8)
  @MaxLength(100)
  @Matches(code, { message: `must be ${link}<code>, or the code` })
  link: string;
}

export class JoinGroupIn extends InviteQuery {}

export class GroupPreviewOut {
  @ApiProperty({ description: 'The address of the group.', example: '120363041234567890@g.us' })
  jid: string;

  @ApiProperty({ description: 'What it is called.', minLength: 0, example: 'Bakers' })
  name: string;

  @ApiProperty({ description: 'What it is for.', type: String, nullable: true, example: 'We bake' })
  description: string | null;

  @ApiProperty({ description: 'Whether admins approve who comes.', example: false })
  joinApproval: boolean;
}

export class JoinedGroupOut {
  @ApiProperty({ description: 'The address of the group.', example: '120363041234567890@g.us' })
  jid: string;

  @ApiProperty({
    description: '`waiting`: an admin must approve first.',
    enum: ['joined', 'waiting'],
    example: 'joined',
  })
  state: 'joined' | 'waiting';
}

export const codeOf = (text: string): string => text.replace(link, '');
export const jidOf = (groupId: string): string => `${groupId}@g.us`;

export function presentJoinRequest({ person, requestedAt, by }: JoinRequest): JoinRequestOut {
  return { phone: person.phone, lid: person.lid, requestedAt: requestedAt?.toISOString() ?? null, by };
}

export function presentPreview({ id, subject, description, joinApproval }: GroupInfo): GroupPreviewOut {
  return { jid: jidOf(id), name: subject, description, joinApproval };
}
