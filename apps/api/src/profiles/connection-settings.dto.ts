import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  IsBoolean,
  IsIn,
  IsInt,
  IsObject,
  IsString,
  Matches,
  Max,
  MaxLength,
  Min,
  ValidateIf,
  ValidateNested,
} from 'class-validator';
import type { ConnectionWishes, ProxyDraft, ProxyView } from '#domain';
import { type DevicePlatform, devicePlatforms, type HistoryWish } from '#engine';
import { IfGiven } from '../http/if-given.js';
import { MASK, unmasked } from '../settings/mask.js';

const historyWishes: HistoryWish[] = ['none', 'recent', 'full'];
const proxyProtocols: ProxyDraft['protocol'][] = ['http', 'https', 'socks5'];

const listeningTexts = {
  groups: 'Messages in groups, and what happens to groups.',
  newsletters: 'Posts of newsletters (channels).',
  status: 'Statuses of others.',
  broadcasts: 'Messages that came through the broadcast list of somebody.',
  ownMessages: 'Messages that are sent from the phone and its other devices.',
  media: 'Files of incoming messages. Without them a message says that it had one.',
};

export class ListeningIn {
  @ApiPropertyOptional({ description: listeningTexts.groups, example: true })
  @IfGiven()
  @IsBoolean()
  groups?: boolean;

  @ApiPropertyOptional({ description: listeningTexts.newsletters, example: false })
  @IfGiven()
  @IsBoolean()
  newsletters?: boolean;

  @ApiPropertyOptional({ description: listeningTexts.status, example: false })
  @IfGiven()
  @IsBoolean()
  status?: boolean;

  @ApiPropertyOptional({ description: listeningTexts.broadcasts, example: true })
  @IfGiven()
  @IsBoolean()
  broadcasts?: boolean;

  @ApiPropertyOptional({ description: listeningTexts.ownMessages, example: true })
  @IfGiven()
  @IsBoolean()
  ownMessages?: boolean;

  @ApiPropertyOptional({ description: listeningTexts.media, example: true })
  @IfGiven()
  @IsBoolean()
  media?: boolean;
}

export class ConnectionSettingsIn {
  @ApiPropertyOptional({
    description:
      "Name in the phone's list of linked devices, from the next linking on. Null: as the installation has it (`DEVICE_NAME`).",
    type: String,
    nullable: true,
    maxLength: 50,
    example: 'Support desk',
  })
  @ValidateIf((_, value) => value !== undefined && value !== null)
  @Matches(/^[^\p{Cc}\s]([^\p{Cc}]*[^\p{Cc}\s])?$/u, { message: 'must be text without line breaks' })
  @MaxLength(50)
  deviceName?: string | null;

  @ApiPropertyOptional({
    description: 'What the device shows itself as there, from the next linking on.',
    enum: devicePlatforms,
    example: 'chrome',
  })
  @IfGiven()
  @IsIn(devicePlatforms)
  devicePlatform?: DevicePlatform;

  @ApiPropertyOptional({
    description:
      'What the connection takes in. What is left out here stays as it is. What is not taken in is confirmed to WhatsApp and is gone.',
    type: ListeningIn,
  })
  @IfGiven()
  @IsObject({ message: 'must be an object' })
  @ValidateNested()
  @Type(() => ListeningIn)
  listening?: ListeningIn;

  @ApiPropertyOptional({
    description:
      "How much of the phone's history is stored after linking: no messages, those of the last months, or all that the phone gives. Takes effect at the next linking.",
    enum: historyWishes,
    example: 'none',
  })
  @IfGiven()
  @IsIn(historyWishes)
  history?: HistoryWish;

  @ApiPropertyOptional({
    description: 'Refuse every call that begins, on all devices of the account. The call is told all the same.',
    example: false,
  })
  @IfGiven()
  @IsBoolean()
  rejectsCalls?: boolean;
}

export class ListeningOut {
  @ApiProperty({ description: listeningTexts.groups, example: true })
  groups: boolean;

  @ApiProperty({ description: listeningTexts.newsletters, example: false })
  newsletters: boolean;

  @ApiProperty({ description: listeningTexts.status, example: false })
  status: boolean;

  @ApiProperty({ description: listeningTexts.broadcasts, example: true })
  broadcasts: boolean;

  @ApiProperty({ description: listeningTexts.ownMessages, example: true })
  ownMessages: boolean;

  @ApiProperty({ description: listeningTexts.media, example: true })
  media: boolean;
}

export class ConnectionSettingsOut {
  @ApiProperty({
    description: "Name in the phone's list of linked devices; null: as the installation has it.",
    type: String,
    nullable: true,
    example: 'Support desk',
  })
  deviceName: string | null;

  @ApiProperty({ description: 'What the device shows itself as there.', enum: devicePlatforms, example: 'chrome' })
  devicePlatform: DevicePlatform;

  @ApiProperty({ description: 'What the connection takes in.', type: ListeningOut })
  listening: ListeningOut;

  @ApiProperty({
    description: "How much of the phone's history is stored after linking.",
    enum: historyWishes,
    example: 'none',
  })
  history: HistoryWish;

  @ApiProperty({ description: 'Whether every call that begins is refused.', example: false })
  rejectsCalls: boolean;
}

export class ProxyIn {
  @ApiProperty({
    description: 'How it is spoken to. `socks5`: the proxy also resolves names.',
    enum: proxyProtocols,
    example: 'socks5',
  })
  @IsIn(proxyProtocols)
  protocol: ProxyDraft['protocol'];

  @ApiProperty({ description: 'Host name or address.', maxLength: 253, example: 'proxy.example.com' })
  @Matches(/^[A-Za-z0-9:]([A-Za-z0-9.:-]*[A-Za-z0-9:])?$/, { message: 'must be a host name or an address' })
  @MaxLength(253)
  host: string;

  @ApiProperty({ description: 'Its port.', minimum: 1, maximum: 65535, example: 1080 })
  @IsInt()
  @Min(1)
  @Max(65535)
  port: number;

  @ApiPropertyOptional({ description: 'User name, if the proxy wants one.', maxLength: 255, example: 'waypost' })
  @IfGiven()
  @IsString()
  @MaxLength(255)
  user?: string;

  @ApiPropertyOptional({
    description: `Password. Left out, or \`${MASK}\`: the stored one stays, as long as protocol, host, port and user stay.`,
    maxLength: 255,
    example: 'correct horse battery staple',
  })
  @IfGiven()
  @IsString()
  @MaxLength(255)
  password?: string;
}

export class TestProxyIn {
  @ApiPropertyOptional({ description: 'What to test. Left out: the stored proxy.', type: ProxyIn })
  @IfGiven()
  @IsObject({ message: 'must be an object' })
  @ValidateNested()
  @Type(() => ProxyIn)
  candidate?: ProxyIn;
}

export class ProxyOut {
  @ApiProperty({ description: 'Whether the profile has a proxy.', example: true })
  enabled: boolean;

  @ApiProperty({ description: 'How it is spoken to.', enum: proxyProtocols, nullable: true, example: 'socks5' })
  protocol: ProxyDraft['protocol'] | null;

  @ApiProperty({ description: 'Host name or address.', type: String, nullable: true, example: 'proxy.example.com' })
  host: string | null;

  @ApiProperty({ description: 'Its port.', type: Number, nullable: true, example: 1080 })
  port: number | null;

  @ApiProperty({ description: 'User name.', type: String, nullable: true, example: 'waypost' })
  user: string | null;

  @ApiProperty({
    description: `\`${MASK}\` when there is a password. The password itself is never shown.`,
    type: String,
    nullable: true,
    example: MASK,
  })
  password: string | null;
}

export class ProxyTestOut {
  @ApiProperty({ description: 'Whether a way to WhatsApp opened.', example: true })
  success: boolean;

  @ApiProperty({ description: 'What came of it, as a sentence.', example: 'A way to WhatsApp opened in 84 ms.' })
  message: string;

  @ApiProperty({ description: 'How long it took; null when it failed.', type: Number, nullable: true, example: 84 })
  tookMs: number | null;
}

export const presentWishes = (wishes: ConnectionWishes): ConnectionSettingsOut => wishes;

export function proxyDraft({ user, password, ...rest }: ProxyIn): ProxyDraft {
  const secret = unmasked(password);
  return { ...rest, ...(user ? { user } : {}), ...(secret === undefined ? {} : { password: secret }) };
}

export function presentProxy(proxy: ProxyView | null): ProxyOut {
  return {
    enabled: proxy !== null,
    protocol: proxy?.protocol ?? null,
    host: proxy?.host ?? null,
    port: proxy?.port ?? null,
    user: proxy?.user ?? null,
    password: proxy?.hasPassword ? MASK : null,
  };
}

export function presentProxyTest(result: { tookMs: number } | { problem: string }): ProxyTestOut {
  if ('problem' in result) return { success: false, message: result.problem, tookMs: null };
  return { success: true, message: `A way to WhatsApp opened in ${result.tookMs} ms.`, tookMs: result.tookMs };
}
