import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { type ContactSource, contactSources, type OptOutSource, optOutSources } from '#contracts';
import type { ContactRow } from '#database';
import type { ContactDetails } from '#domain';

const contactId = '0198c2f4-5f6a-7b7c-8d8e-9fa0b1c2d3e4';
const profileId = '0198c2f1-1c2d-7e3f-8a4b-5c6d7e8f9a0b';
const at = '2026-05-01T10:00:00.000Z';

export class ContactOut {
  @ApiProperty({ description: 'Its id.', format: 'uuid', example: contactId })
  id: string;

  @ApiProperty({ description: 'The profile whose contact it is.', format: 'uuid', example: profileId })
  profileId: string;

  @ApiProperty({
    description: 'Who it is, across profiles.',
    format: 'uuid',
    example: '0198c2f3-4e5f-7a6b-8c7d-8e9f0a1b2c3d',
  })
  personId: string;

  @ApiProperty({
    description: 'Phone number, digits with country code; null while only the LID is known.',
    type: String,
    nullable: true,
    example: '628123456789',
  })
  phone: string | null;

  @ApiProperty({
    description: 'WhatsApp’s other id of the person, where it is known.',
    type: String,
    nullable: true,
    example: '271829318273',
  })
  lid: string | null;

  @ApiProperty({
    description: 'The name that was given here, or else that of the phone’s address book.',
    type: String,
    nullable: true,
    example: 'Ana',
  })
  name: string | null;

  @ApiProperty({
    description: 'The name that the person shows on WhatsApp.',
    type: String,
    nullable: true,
    example: 'Ana S.',
  })
  whatsappName: string | null;

  @ApiProperty({
    description: 'Path of the picture, which is asked of WhatsApp when it is fetched; null: none is known.',
    type: String,
    nullable: true,
    example: `/api/v1/contacts/${contactId}/picture`,
  })
  avatarUrl: string | null;

  @ApiProperty({ description: 'What the person says about themselves.', type: String, nullable: true, example: null })
  about: string | null;

  @ApiProperty({
    description: 'Tags, in the order in which they came; those of one request in their alphabet.',
    type: [String],
    example: ['vip'],
  })
  tags: string[];

  @ApiProperty({
    description: 'Custom fields by their key.',
    type: Object,
    additionalProperties: true,
    example: { plan: 'gold' },
  })
  metadata: Record<string, unknown>;

  @ApiProperty({ description: 'Whether this number has blocked the person.', example: false })
  isBlocked: boolean;

  @ApiProperty({ description: 'Whether the person wants no campaigns.', example: false })
  optedOut: boolean;

  @ApiProperty({
    description: 'Since when. ISO 8601.',
    type: String,
    format: 'date-time',
    nullable: true,
    example: null,
  })
  optedOutAt: string | null;

  @ApiProperty({ description: 'How that came.', enum: optOutSources, nullable: true, example: null })
  optedOutSource: OptOutSource | null;

  @ApiProperty({ description: 'How the contact came to be.', enum: contactSources, example: 'api' })
  source: ContactSource;

  @ApiProperty({
    description: 'What WhatsApp last said of the number; null: it was never asked (`/validate` asks).',
    type: Boolean,
    nullable: true,
    example: true,
  })
  onWhatsApp: boolean | null;

  @ApiProperty({
    description: 'When it said so. ISO 8601.',
    type: String,
    format: 'date-time',
    nullable: true,
    example: at,
  })
  checkedAt: string | null;

  @ApiProperty({
    description: 'The conversation with the person; null: there is none.',
    type: String,
    format: 'uuid',
    nullable: true,
    example: null,
  })
  conversationId: string | null;

  @ApiProperty({
    description: 'When something was last said, by either side. ISO 8601.',
    type: String,
    format: 'date-time',
    nullable: true,
    example: at,
  })
  lastMessageAt: string | null;

  @ApiProperty({
    description: 'When the person last wrote. ISO 8601.',
    type: String,
    format: 'date-time',
    nullable: true,
    example: at,
  })
  lastInboundAt: string | null;

  @ApiProperty({
    description: 'When this number last wrote to the person. ISO 8601.',
    type: String,
    format: 'date-time',
    nullable: true,
    example: null,
  })
  lastOutboundAt: string | null;

  @ApiProperty({ description: 'ISO 8601.', format: 'date-time', example: at })
  createdAt: string;

  @ApiProperty({ description: 'ISO 8601.', format: 'date-time', example: at })
  updatedAt: string;
}

export class PersonIdentityOut {
  @ApiProperty({ description: 'A phone number, or a LID.', enum: ['phone', 'lid'], example: 'phone' })
  kind: string;

  @ApiProperty({ description: 'Digits.', example: '628123456789' })
  value: string;
}

export class ContactElsewhereOut {
  @ApiProperty({ description: 'Id of the contact there.', format: 'uuid', example: contactId })
  id: string;

  @ApiProperty({ description: 'The other profile.', format: 'uuid', example: profileId })
  profileId: string;

  @ApiProperty({ description: 'What they are called there.', type: String, nullable: true, example: 'Ana' })
  name: string | null;
}

export class ContactPersonOut {
  @ApiProperty({
    description: 'Their id.',
    format: 'uuid',
    example: '0198c2f3-4e5f-7a6b-8c7d-8e9f0a1b2c3d',
  })
  id: string;

  @ApiProperty({ description: 'By what they are known, the newest of a kind first.', type: [PersonIdentityOut] })
  identities: { kind: string; value: string }[];

  @ApiProperty({ description: 'Contacts of the same person at other profiles.', type: [ContactElsewhereOut] })
  contacts: ContactElsewhereOut[];
}

export class ContactDetailsOut extends ContactOut {
  @ApiPropertyOptional({ description: 'The person behind the contact.', type: ContactPersonOut })
  person: ContactPersonOut;
}

export function presentContact(row: ContactRow): ContactOut {
  return {
    id: row.id,
    profileId: row.profileId,
    personId: row.personId,
    phone: row.phone,
    lid: row.lid,
    name: row.name ?? row.savedName,
    whatsappName: row.verifiedName ?? row.pushName,
    avatarUrl: row.pictureId === null ? null : `/api/v1/contacts/${row.id}/picture`,
    about: row.about,
    tags: row.tags,
    metadata: row.customFields,
    isBlocked: row.isBlocked,
    optedOut: row.optedOutAt !== null,
    optedOutAt: row.optedOutAt?.toISOString() ?? null,
    optedOutSource: row.optedOutSource,
    source: row.source,
    onWhatsApp: row.onWhatsApp,
    checkedAt: row.checkedAt?.toISOString() ?? null,
    conversationId: row.conversationId,
    lastMessageAt: row.lastMessageAt?.toISOString() ?? null,
    lastInboundAt: row.lastInboundAt?.toISOString() ?? null,
    lastOutboundAt: row.lastOutboundAt?.toISOString() ?? null,
    createdAt: row.createdAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
  };
}

export function presentContactDetails({ contact, identities, elsewhere }: ContactDetails): ContactDetailsOut {
  const contacts = elsewhere.map((row) => {
    const { id, profileId, name } = presentContact(row);
    return { id, profileId, name };
  });
  return { ...presentContact(contact), person: { id: contact.personId, identities, contacts } };
}
