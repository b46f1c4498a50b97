import { ApiProperty } from '@nestjs/swagger';

export class ErrorEntryOut {
  @ApiProperty({ description: 'Stable; what programs go by.', example: 'PROFILE_NOT_LINKED' })
  code: string;

  @ApiProperty({ description: 'The HTTP status it comes with.', example: 409 })
  status: number;

  @ApiProperty({
    description: 'What is wrong and what to do. An answer may say it more exactly.',
    example: 'This profile is not linked to a WhatsApp number. Connect it and scan the QR code first.',
  })
  message: string;
}
