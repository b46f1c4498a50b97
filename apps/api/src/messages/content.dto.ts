import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import {
  type Button,
  type CardView,
  type ContactCard,
  type ContentView,
  type LinkPreview,
  type ListSection,
  type MissingMedia,
  missingMedia,
  type Place,
  type UserAddress,
} from '#contracts';

export class LinkPreviewOut implements Omit<LinkPreview, 'thumbnail'> {
  @ApiProperty({ description: 'As it stands in the text.', example: 'https://example.com/shoes' })
  url: string;

  @ApiProperty({ description: 'Title of the page, as the sender gave it.', example: 'Shoes' })
  title: string;

  @ApiPropertyOptional({ description: 'What the page is about.', example: 'All sizes' })
  description?: string;
}

export class ContactCardOut implements ContactCard {
  @ApiProperty({ description: 'Shown name.', example: 'Ana' })
  name: string;

  @ApiProperty({ description: 'The whole card.', example: 'BEGIN:VCARD\nVERSION:3.0\nFN:Ana\nEND:VCARD' })
  vcard: string;
}

export class PlaceOut implements Partial<Place> {
  @ApiPropertyOptional({ description: 'Degrees.', example: -6.2 })
  latitude?: number;

  @ApiPropertyOptional({ description: 'Degrees.', example: 106.8 })
  longitude?: number;

  @ApiPropertyOptional({ description: 'What it is called.', example: 'Central market' })
  name?: string;

  @ApiPropertyOptional({ description: 'Where it is.', example: 'Jl. Sudirman 1' })
  address?: string;

  @ApiPropertyOptional({ description: 'A page about it.', example: 'https://example.com/market' })
  url?: string;
}

export class MentionOut implements UserAddress {
  @ApiProperty({ description: 'Digits of the phone number.', type: String, nullable: true, example: '628123456789' })
  phone: string | null;

  @ApiProperty({ description: 'WhatsApp’s own id of the account.', type: String, nullable: true, example: null })
  lid: string | null;
}

const buttonTypes = ['reply', 'url', 'call', 'copy'] as const;

/** A button; which of `id`, `url`, `phone` and `code` it has depends on `type`. */
export class ButtonOut {
  @ApiProperty({ description: 'What it does.', enum: buttonTypes, example: 'reply' })
  type: Button['type'];

  @ApiProperty({ description: 'Its words.', example: 'Yes, please' })
  title: string;

  @ApiPropertyOptional({ description: 'Of `reply`: comes back as the id of the choice.', example: 'yes' })
  id?: string;

  @ApiPropertyOptional({ description: 'Of `url`: the page that it opens.', example: 'https://example.com' })
  url?: string;

  @ApiPropertyOptional({ description: 'Of `call`: whom it calls.', example: '628123456789' })
  phone?: string;

  @ApiPropertyOptional({ description: 'Of `copy`: what it copies.', example: 'WELCOME10' })
  code?: string;
}

export class ListRowOut {
  @ApiProperty({ description: 'Comes back as the id of the choice.', example: 'size-42' })
  id: string;

  @ApiProperty({ description: 'Its words.', example: 'Size 42' })
  title: string;

  @ApiPropertyOptional({ description: 'More about it.', example: 'In stock' })
  description?: string;
}

export class ListSectionOut implements ListSection {
  @ApiProperty({ description: 'What is above the rows.', example: 'Sizes' })
  title: string;

  @ApiProperty({ description: 'What can be chosen.', type: [ListRowOut] })
  rows: ListRowOut[];
}

export class CardOut implements CardView {
  @ApiPropertyOptional({ description: 'Title.', example: 'Red shoes' })
  title?: string;

  @ApiProperty({ description: 'Its words.', example: 'All sizes' })
  text: string;

  @ApiPropertyOptional({ description: 'Below the words.', example: 'While stocks last' })
  footer?: string;

  @ApiPropertyOptional({ description: 'Media type of the file above the words.', example: 'image/jpeg' })
  mimetype?: string;

  @ApiProperty({ description: 'Things to tap on.', type: [ButtonOut] })
  buttons: Button[];
}

/** What a message says; which fields there are depends on its `type`. */
export class ContentOut implements ContentView {
  @ApiPropertyOptional({
    description: 'Of texts; of buttons, lists and carousels the words above them.',
    example: 'Is my order ready?',
  })
  text?: string;

  @ApiPropertyOptional({ description: 'Of texts: what the link shows.', type: LinkPreviewOut })
  preview?: LinkPreviewOut;

  @ApiPropertyOptional({ description: 'Of images, videos and documents.', example: 'The new ones' })
  caption?: string;

  @ApiPropertyOptional({
    description: 'Path of the file on this server; null until an incoming file has been downloaded from WhatsApp.',
    type: String,
    nullable: true,
    example: '/api/v1/messages/0198c2f3-5e6f-7a1b-9c2d-3e4f5a6b7c8d/media',
  })
  url?: string | null;

  @ApiPropertyOptional({ description: 'Media type.', example: 'image/jpeg' })
  mimetype?: string;

  @ApiPropertyOptional({ description: 'Name of the file.', example: 'shoes.jpg' })
  filename?: string;

  @ApiPropertyOptional({ description: 'Size of the file in bytes.', type: Number, nullable: true, example: 48123 })
  sizeBytes?: number | null;

  @ApiPropertyOptional({
    description: 'SHA-256 of the file, lower-case hex.',
    type: String,
    nullable: true,
    example: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
  })
  sha256?: string | null;

  @ApiPropertyOptional({
    description:
      'Whether the file is here, else why not: it is being fetched (`waiting`), is fetched when somebody asks for it (`on_demand`), or will not come.',
    enum: ['stored', ...Object.keys(missingMedia)],
    example: 'stored',
  })
  mediaState?: 'stored' | MissingMedia;

  @ApiPropertyOptional({
    description: 'A sentence, when the file is not here.',
    example: 'The file is fetched from WhatsApp when somebody asks for it.',
  })
  mediaProblem?: string;

  @ApiPropertyOptional({
    description: 'What the file is by its content, where its sender told something else. It is served as this.',
    example: 'text/plain',
  })
  actualType?: string;

  @ApiPropertyOptional({ description: 'Width in pixels, where it is known.', example: 1280 })
  widthPx?: number;

  @ApiPropertyOptional({ description: 'Height in pixels, where it is known.', example: 960 })
  heightPx?: number;

  @ApiPropertyOptional({ description: 'Length in seconds, where it is known.', example: 12 })
  durationSeconds?: number;

  @ApiPropertyOptional({ description: 'Of documents: how many pages, where it is known.', example: 4 })
  pageCount?: number;

  @ApiPropertyOptional({ description: 'Small JPEG that shows what the file is, base64.', example: '/9j/4AAQSkZJRg==' })
  thumbnail?: string;

  @ApiPropertyOptional({
    description: 'Loudness over a voice message, 64 values of 0 to 100.',
    type: [Number],
    example: [0, 12, 64],
  })
  waveform?: number[];

  @ApiPropertyOptional({ description: 'Of audio: whether it is a voice message.', example: true })
  ptt?: boolean;

  @ApiPropertyOptional({ description: 'Of videos: plays in a loop without sound.', type: Boolean, example: true })
  gif?: true;

  @ApiPropertyOptional({ description: 'Of videos: a video note.', type: Boolean, example: true })
  round?: true;

  @ApiPropertyOptional({ description: 'Of stickers.', type: Boolean, example: true })
  animated?: true;

  @ApiPropertyOptional({ description: 'Of locations, degrees.', example: -6.2 })
  latitude?: number;

  @ApiPropertyOptional({ description: 'Of locations, degrees.', example: 106.8 })
  longitude?: number;

  @ApiPropertyOptional({ description: 'Of locations and events: what it is called.', example: 'Central market' })
  name?: string;

  @ApiPropertyOptional({ description: 'Of locations.', example: 'Jl. Sudirman 1' })
  address?: string;

  @ApiPropertyOptional({ description: 'Of locations: a page about the place.', example: 'https://example.com/market' })
  locationUrl?: string;

  @ApiPropertyOptional({ description: 'Of live locations.', example: 20 })
  accuracyMeters?: number;

  @ApiPropertyOptional({ description: 'Of live locations.', example: 1.4 })
  speedMetersPerSecond?: number;

  @ApiPropertyOptional({ description: 'Of live locations: clockwise from north.', example: 90 })
  headingDegrees?: number;

  @ApiPropertyOptional({ description: 'Cards of an address book.', type: [ContactCardOut] })
  contacts?: ContactCardOut[];

  @ApiPropertyOptional({ description: 'Of polls.', example: 'Lunch?' })
  question?: string;

  @ApiPropertyOptional({ description: 'Of polls.', type: [String], example: ['Yes', 'No'] })
  options?: string[];

  @ApiPropertyOptional({ description: 'Of polls: how many options one may choose; 0 means any number.', example: 1 })
  selectable?: number;

  @ApiPropertyOptional({ description: 'Of events and of choices from a list.', example: 'Bring a friend' })
  description?: string;

  @ApiPropertyOptional({ description: 'Of events.', format: 'date-time', example: '2026-12-24T18:00:00.000Z' })
  startsAt?: string;

  @ApiPropertyOptional({ description: 'Of events.', format: 'date-time', example: '2026-12-24T22:00:00.000Z' })
  endsAt?: string;

  @ApiPropertyOptional({ description: 'Of events: where.', type: PlaceOut })
  place?: PlaceOut;

  @ApiPropertyOptional({
    description: 'Of events: where to join a call.',
    example: 'https://call.whatsapp.com/voice/abc',
  })
  joinLink?: string;

  @ApiPropertyOptional({ description: 'Of events: it will not take place.', type: Boolean, example: true })
  cancelled?: true;

  @ApiPropertyOptional({ description: 'Of invitations into a group: its id.', example: '120363041234567890' })
  groupId?: string;

  @ApiPropertyOptional({ description: 'Of invitations into a group.', example: 'Neighbours' })
  groupName?: string;

  @ApiPropertyOptional({ description: 'Of invitations into a group.', example: 'AbCdEfGhIjK' })
  code?: string;

  @ApiPropertyOptional({
    description: 'Of invitations into a group.',
    format: 'date-time',
    example: '2026-11-24T08:30:00.000Z',
  })
  expiresAt?: string;

  @ApiPropertyOptional({ description: 'Of albums: how many images follow.', example: 3 })
  imageCount?: number;

  @ApiPropertyOptional({ description: 'Of albums: how many videos follow.', example: 1 })
  videoCount?: number;

  @ApiPropertyOptional({ description: 'Of choices: the id of what was tapped.', example: 'yes' })
  id?: string;

  @ApiPropertyOptional({ description: 'Of choices: the words of what was tapped.', example: 'Yes, please' })
  title?: string;

  @ApiPropertyOptional({ description: 'Of buttons and lists.', example: 'Your order' })
  header?: string;

  @ApiPropertyOptional({ description: 'Of buttons, lists and carousels.', example: 'Reply within a day' })
  footer?: string;

  @ApiPropertyOptional({ description: 'Things to tap on.', type: [ButtonOut] })
  buttons?: Button[];

  @ApiPropertyOptional({ description: 'Of lists: what opens the list.', example: 'Choose' })
  buttonTitle?: string;

  @ApiPropertyOptional({ description: 'Of lists.', type: [ListSectionOut] })
  sections?: ListSectionOut[];

  @ApiPropertyOptional({ description: 'Of carousels.', type: [CardOut] })
  cards?: CardOut[];

  @ApiPropertyOptional({ description: 'People who are named in the text with `@<digits>`.', type: [MentionOut] })
  mentions?: MentionOut[];

  @ApiPropertyOptional({ description: 'How often it was forwarded; WhatsApp shows “many times” from 5.', example: 1 })
  forwardingScore?: number;

  @ApiPropertyOptional({ description: 'Can be opened once, on a phone.', type: Boolean, example: true })
  viewOnce?: true;

  @ApiPropertyOptional({
    description: 'Disappears so many seconds after it was read or sent, by the chat’s timer.',
    example: 604800,
  })
  disappearsInSeconds?: number;

  @ApiPropertyOptional({
    description: 'Of a kind that is not translated yet: WhatsApp’s name of it.',
    example: 'orderMessage',
  })
  unsupportedType?: string;

  @ApiPropertyOptional({ description: 'Of what could not be decrypted: why.', example: 'no_session' })
  reason?: string;
}
