import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { ArrayMaxSize, ArrayMinSize, IsArray, IsOptional, IsString, IsUUID, Length, MaxLength } from 'class-validator';
import type { ProfileId } from '#contracts';
import type { GroupMemberRecord, GroupRecord } from '#database';
import type { GroupDetails, MemberOutcome } from '#domain';
import { IfGiven } from '../http/if-given.js';
import { PartyOut } from '../messages/message.dto.js';

const profile = '0198c2f1-1c2d-7e3f-8a4b-5c6d7e8f9a0b';
/** As many as a group can have; WhatsApp decides how many at once. */
const MAX_PARTICIPANTS = 1_024;

export class GroupQuery {
  @ApiPropertyOptional({
    description: 'The profile that is in the group. Needed when the group is named by `<id>@g.us`.',
    format: 'uuid',
    example: profile,
  })
  @IfGiven()
  @IsUUID(undefined, { message: 'must be a UUID' })
  profileId?: ProfileId;
}

export class CreateGroupIn {
  @ApiProperty({ description: 'The profile that makes the group.', format: 'uuid', example: profile })
  @IsUUID(undefined, { message: 'must be a UUID' })
  profileId: ProfileId;

  @ApiProperty({ description: 'What the group is called.', minLength: 1, maxLength: 100, example: 'Bakers' })
  @IsString()
  @Length(1, 100)
  name: string;

  @ApiPropertyOptional({ description: 'What it is for.', maxLength: 2048, example: 'We bake' })
  @IfGiven()
  @IsString()
  @MaxLength(2048)
  description?: string;

  @ApiProperty({
    description: 'Its first members: phone numbers with country code, `<phone>@s.whatsapp.net` or `<lid>@lid`.',
    type: [String],
    minItems: 1,
    maxItems: MAX_PARTICIPANTS,
    example: ['+62 812-3456-789'],
  })
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(MAX_PARTICIPANTS)
  @IsString({ each: true })
  @MaxLength(100, { each: true })
  participants: string[];
}

export class UpdateGroupIn extends GroupQuery {
  @ApiPropertyOptional({ description: 'What the group is called.', minLength: 1, maxLength: 100, example: 'Millers' })
  @IfGiven()
  @IsString()
  @Length(1, 100)
  name?: string;

  @ApiPropertyOptional({
    description: 'What it is for; null or empty takes the description away.',
    type: String,
    nullable: true,
    maxLength: 2048,
    example: 'We grind',
  })
  @IsOptional()
  @IsString()
  @MaxLength(2048)
  description?: string | null;
}

export class ParticipantsIn extends GroupQuery {
  @ApiProperty({
    description: 'Phone numbers with country code, `<phone>@s.whatsapp.net` or `<lid>@lid`.',
    type: [String],
    minItems: 1,
    maxItems: MAX_PARTICIPANTS,
    example: ['+62 812-3456-789'],
  })
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(MAX_PARTICIPANTS)
  @IsString({ each: true })
  @MaxLength(100, { each: true })
  participants: string[];
}

export class GroupOut {
  @ApiProperty({ description: 'Our id.', format: 'uuid', example: '0198c2f5-3d4e-7f5a-8b6c-7d8e9f0a1b2c' })
  id: string;

  @ApiProperty({ description: 'The profile.', format: 'uuid', example: profile })
  profileId: string;

  @ApiProperty({ description: 'The address to send to.', example: '120363041234567890@g.us' })
  jid: string;

  @ApiProperty({
    description: 'Its conversation; null as long as nothing was said in it.',
    type: String,
    format: 'uuid',
    nullable: true,
    example: null,
  })
  conversationId: string | null;

  @ApiProperty({ description: 'What it is called.', example: 'Bakers' })
  name: string;

  @ApiProperty({ description: 'What it is for.', type: String, nullable: true, example: 'We bake' })
  description: string | null;

  @ApiProperty({
    description:
      'WhatsApp’s id of its picture, as far as it was told since the number is linked; null: none, or not known.',
    type: String,
    nullable: true,
    example: null,
  })
  pictureId: string | null;

  @ApiProperty({
    description: 'Who made it, without `personId` when this account did; null: it is not known.',
    type: PartyOut,
    nullable: true,
    example: null,
  })
  owner: PartyOut | null;

  @ApiProperty({
    description: 'When it was made, by WhatsApp’s clock.',
    type: String,
    format: 'date-time',
    nullable: true,
    example: '2026-05-01T12:00:00.000Z',
  })
  createdAt: string | null;

  @ApiProperty({ description: 'How many members it has.', example: 12 })
  participantsCount: number;

  @ApiProperty({
    description: 'What this account is in it; null: no member any more.',
    enum: ['member', 'admin', 'superadmin'],
    nullable: true,
    example: 'admin',
  })
  role: string | null;

  @ApiProperty({
    description: 'A group, a community (the parent of groups), or the announcements of a community.',
    enum: ['group', 'community', 'announcements'],
    example: 'group',
  })
  type: string;

  @ApiProperty({
    description: 'The community that it belongs to.',
    type: String,
    nullable: true,
    example: null,
  })
  communityJid: string | null;

  @ApiProperty({ description: 'Only admins may write.', example: false })
  announceOnly: boolean;

  @ApiProperty({ description: 'Only admins may change name, picture and description.', example: false })
  locked: boolean;

  @ApiProperty({ description: 'Who may add members.', enum: ['all', 'admins'], example: 'all' })
  memberAddMode: string;

  @ApiProperty({ description: 'Who follows the invite link waits for an admin.', example: false })
  joinApproval: boolean;

  @ApiProperty({
    description: 'Seconds after which its messages disappear; null: they stay.',
    type: Number,
    nullable: true,
    example: null,
  })
  disappearsInSeconds: number | null;
}

export class GroupParticipantOut extends PartyOut {
  @ApiProperty({ description: 'An admin, the maker of the group among them.', example: false })
  isAdmin: boolean;

  @ApiProperty({ description: 'The maker of the group.', example: false })
  isSuperAdmin: boolean;

  @ApiProperty({ description: 'This account itself.', example: false })
  isMe: boolean;
}

export class GroupDetailsOut extends GroupOut {
  @ApiProperty({
    description: 'Everybody in it, admins first. Null when this account is no member any more.',
    type: [GroupParticipantOut],
    nullable: true,
  })
  participants: GroupParticipantOut[] | null;
}

export class GroupInvitationOut {
  @ApiProperty({ description: 'What a group invitation to this person has to say.', example: 'AbCdEfGhIjKlMnOpQrStUv' })
  code: string;

  @ApiProperty({
    description: 'Until when it is good.',
    type: String,
    format: 'date-time',
    nullable: true,
    example: '2026-05-04T12:00:00.000Z',
  })
  expiresAt: string | null;
}

export class ParticipantResultOut {
  @ApiProperty({
    description: 'Phone number, digits with country code, where it is known.',
    type: String,
    nullable: true,
    example: '628123456789',
  })
  phone: string | null;

  @ApiProperty({
    description: 'WhatsApp’s own id of the account, where it is known.',
    type: String,
    nullable: true,
    example: '113456789012345',
  })
  lid: string | null;

  @ApiProperty({
    description:
      'What became of it. `needs_invitation`: their privacy lets nobody add them; send them the invitation. `left_recently`: WhatsApp lets them be added again later.',
    enum: ['ok', 'not_allowed', 'not_found', 'already_so', 'left_recently', 'needs_invitation', 'full', 'failed'],
    example: 'ok',
  })
  outcome: string;

  @ApiProperty({
    description: 'With `needs_invitation`.',
    type: GroupInvitationOut,
    nullable: true,
    example: null,
  })
  invitation: GroupInvitationOut | null;

  @ApiProperty({ description: 'An admin must approve first.', example: false })
  awaitsApproval: boolean;
}

export class CreatedGroupOut extends GroupDetailsOut {
  @ApiProperty({ description: 'What became of each participant that was named.', type: [ParticipantResultOut] })
  results: ParticipantResultOut[];
}

export class ParticipantResultsOut {
  @ApiProperty({ description: 'One for each participant that WhatsApp answered for.', type: [ParticipantResultOut] })
  results: ParticipantResultOut[];
}

export class LeftGroupOut {
  @ApiProperty({ description: 'Our id.', format: 'uuid', example: '0198c2f5-3d4e-7f5a-8b6c-7d8e9f0a1b2c' })
  id: string;

  @ApiProperty({ description: 'Always true.', example: true })
  left: boolean;
}

export class InviteLinkOut {
  @ApiProperty({
    description: 'By this link anybody can come into the group.',
    example: 'https://chat.whatsapp.com/AbCdEfGhIjKlMnOpQrStUv',
  })
  link: string;
}

export function presentGroup(group: GroupRecord): GroupOut {
  const { id, profileId, conversationId, description, owner, announceOnly, locked } = group;
  const { memberAddMode, joinApproval, disappearsInSeconds } = group;
  return {
    id,
    profileId,
    jid: `${group.waId}@g.us`,
    pictureId: group.pictureId,
    conversationId,
    name: group.subject,
    description,
    owner,
    createdAt: group.waCreatedAt?.toISOString() ?? null,
    participantsCount: group.memberCount,
    role: group.ownRole,
    type: group.kind,
    communityJid: group.communityWaId && `${group.communityWaId}@g.us`,
    announceOnly,
    locked,
    memberAddMode,
    joinApproval,
    disappearsInSeconds,
  };
}

export function presentDetails({ group, members }: GroupDetails): GroupDetailsOut {
  const participantsCount = members?.length ?? group.memberCount;
  return { ...presentGroup(group), participantsCount, participants: members?.map(presentMember) ?? null };
}

export function presentResults(results: MemberOutcome[]): ParticipantResultOut[] {
  return results.map(({ member, outcome, invitation = null, awaitsApproval = false }) => ({
    phone: member.phone,
    lid: member.lid,
    outcome,
    invitation: invitation && { code: invitation.code, expiresAt: invitation.expiresAt?.toISOString() ?? null },
    awaitsApproval,
  }));
}

function presentMember({ party, role, isMe }: GroupMemberRecord): GroupParticipantOut {
  return {
    ...party,
    isAdmin: role !== 'member',
    isSuperAdmin: role === 'superadmin',
    isMe,
  };
}
