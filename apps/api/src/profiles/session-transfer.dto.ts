import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsBase64, IsString, MaxLength, MinLength } from 'class-validator';
import { IfGiven } from '../http/if-given.js';

const passphraseText = 'At least 12 characters. It is kept nowhere: without it the file is of no use.';

export class ExportSessionIn {
  @ApiProperty({ description: passphraseText, minLength: 12, maxLength: 1000, example: 'correct horse battery staple' })
  @IsString()
  @MinLength(12)
  @MaxLength(1000)
  passphrase: string;
}

export class ImportSessionIn {
  @ApiProperty({
    description:
      "The file in base64: a session file of Waypost, or a zip of the folder that Baileys' `useMultiFileAuthState` wrote.",
    format: 'byte',
    example: 'V0FZUE9TVC1TRVNTSU9OIDEK',
  })
  @IsString()
  @IsBase64()
  @MinLength(4)
  data: string;

  @ApiPropertyOptional({
    description: 'The passphrase that the file was exported with. Not for a folder of Baileys.',
    maxLength: 1000,
    example: 'correct horse battery staple',
  })
  @IfGiven()
  @IsString()
  @MaxLength(1000)
  passphrase?: string;
}
