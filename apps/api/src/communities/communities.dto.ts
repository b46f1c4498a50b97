import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { ArrayMaxSize, IsArray, IsBoolean, IsOptional, IsString, IsUUID, Length, MaxLength } from 'class-validator';
import type { ProfileId } from '#contracts';
import type { GroupRecord } from '#database';
import type { CommunityGroupMade, CommunityGroupShown } from '#domain';
import { groupLimits } from '#engine';
import { GroupOut, GroupQuery, ParticipantResultOut, presentGroup, presentResults } from '../groups/groups.dto.js';
import { IfGiven } from '../http/if-given.js';

const { maxSubjectLength, maxDescriptionLength } = groupLimits;

export class CreateCommunityIn {
  @ApiProperty({
    description: 'The profile that makes the community.',
    format: 'uuid',
    example: '0198c2f1-1c2d-7e3f-8a4b-5c6d7e8f9a0b',
  })
  @IsUUID(undefined, { message: 'must be a UUID' })
  profileId: ProfileId;

  @ApiProperty({
    description: 'What the community is called; its announcement group is called the same.',
    minLength: 1,
    maxLength: maxSubjectLength,
    example: 'Village',
  })
  @IsString()
  @Length(1, maxSubjectLength)
  name: string;

  @ApiPropertyOptional({
    description: 'What it is for.',
    maxLength: maxDescriptionLength,
    example: 'All who live here',
  })
  @IfGiven()
  @IsString()
  @MaxLength(maxDescriptionLength)
  description?: string;

  @ApiPropertyOptional({
    description: 'Members who are no admins may add groups to it.',
    default: false,
    example: false,
  })
  @IfGiven()
  @IsBoolean()
  membersMayAddGroups?: boolean;

  @ApiPropertyOptional({
    description: 'Makes a group "General" for everybody too.',
    default: false,
    example: true,
  })
  @IfGiven()
  @IsBoolean()
  generalGroup?: boolean;
}

export class UpdateCommunityIn extends GroupQuery {
  @ApiPropertyOptional({
    description: 'What the community is called.',
    minLength: 1,
    maxLength: maxSubjectLength,
    example: 'Town',
  })
  @IfGiven()
  @IsString()
  @Length(1, maxSubjectLength)
  name?: string;

  @ApiPropertyOptional({
    description: 'What it is for; null or empty takes the description away.',
    type: String,
    nullable: true,
    maxLength: maxDescriptionLength,
    example: 'Everybody',
  })
  @IsOptional()
  @IsString()
  @MaxLength(maxDescriptionLength)
  description?: string | null;

  @ApiPropertyOptional({ description: 'Members who are no admins may add groups to it.', example: true })
  @IfGiven()
  @IsBoolean()
  membersMayAddGroups?: boolean;
}

export class CreateCommunityGroupIn extends GroupQuery {
  @ApiProperty({
    description: 'What the group is called.',
    minLength: 1,
    maxLength: maxSubjectLength,
    example: 'Choir',
  })
  @IsString()
  @Length(1, maxSubjectLength)
  name: string;

  @ApiPropertyOptional({
    description:
      'Its first members besides this account; they become members of the community too. Phone numbers with country code, `<phone>@s.whatsapp.net` or `<lid>@lid`.',
    type: [String],
    maxItems: groupLimits.maxMembers,
    example: ['+62 812-3456-789'],
  })
  @IfGiven()
  @IsArray()
  @ArrayMaxSize(groupLimits.maxMembers)
  @IsString({ each: true })
  @MaxLength(100, { each: true })
  participants?: string[];
}

export class CommunityOut extends GroupOut {
  @ApiProperty({ description: 'Members who are no admins may add groups to it.', example: false })
  membersMayAddGroups: boolean;
}

export class CommunityGroupOut {
  @ApiProperty({
    description: 'Our id; null for a group that the account was never in.',
    type: String,
    format: 'uuid',
    nullable: true,
    example: '0198c2f5-3d4e-7f5a-8b6c-7d8e9f0a1b2c',
  })
  id: string | null;

  @ApiProperty({ description: 'The address of the group.', example: '120363041234567891@g.us' })
  jid: string;

  @ApiProperty({ description: 'What it is called.', example: 'Choir' })
  name: string;

  @ApiProperty({
    description: 'When it was made, by WhatsApp’s clock.',
    type: String,
    format: 'date-time',
    nullable: true,
    example: '2026-05-01T12:00:00.000Z',
  })
  createdAt: string | null;

  @ApiProperty({
    description: 'How many members it has, where WhatsApp tells it.',
    type: Number,
    nullable: true,
    example: 12,
  })
  participantsCount: number | null;

  @ApiProperty({
    description: 'The announcements of the community: what its admins write there reaches every member.',
    example: false,
  })
  isAnnouncements: boolean;
}

export class CommunityGroupMadeOut extends GroupOut {
  @ApiProperty({ description: 'What became of each participant that was named.', type: [ParticipantResultOut] })
  results: ParticipantResultOut[];
}

export class CommunityLinkOut {
  @ApiProperty({ description: 'The address of the group.', example: '120363041234567891@g.us' })
  jid: string;

  @ApiProperty({ description: 'Whether it belongs to the community now.', example: true })
  linked: boolean;
}

export class DeactivatedCommunityOut {
  @ApiProperty({ description: 'Our id.', format: 'uuid', example: '0198c2f5-3d4e-7f5a-8b6c-7d8e9f0a1b2c' })
  id: string;

  @ApiProperty({ description: 'Always true.', example: true })
  deactivated: boolean;
}

export function presentCommunity(community: GroupRecord): CommunityOut {
  return { ...presentGroup(community), membersMayAddGroups: community.membersMayAddGroups };
}

export function presentCommunityGroup(group: CommunityGroupShown): CommunityGroupOut {
  const { groupId, id, subject, createdAt, memberCount, isAnnouncements } = group;
  return {
    id: groupId,
    jid: `${id}@g.us`,
    name: subject,
    createdAt: createdAt?.toISOString() ?? null,
    participantsCount: memberCount,
    isAnnouncements,
  };
}

export function presentGroupMade({ group, results }: CommunityGroupMade): CommunityGroupMadeOut {
  return { ...presentGroup(group), results: presentResults(results) };
}
