import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsBoolean, IsIn } from 'class-validator';
import type { ConversationExportOptions } from '#database';
import { IfGiven } from '../http/if-given.js';

const formats: ConversationExportOptions['format'][] = ['txt', 'ndjson', 'csv'];

export class ExportConversationIn {
  @ApiPropertyOptional({
    description:
      'Plain text as WhatsApp writes it (times in UTC), one JSON object a line, or a table whose cells are safe in spreadsheets.',
    enum: formats,
    default: 'txt',
    example: 'txt',
  })
  @IfGiven()
  @IsIn(formats)
  format?: ConversationExportOptions['format'];

  @ApiPropertyOptional({ description: 'With the files of the messages.', default: false, example: true })
  @IfGiven()
  @IsBoolean()
  media?: boolean;
}
