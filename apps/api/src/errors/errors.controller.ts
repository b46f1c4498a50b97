import { Controller, Get } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { errorCatalogue } from '#contracts';
import { Public } from '../http/access.js';
import { Describe } from '../http/describe.js';
import { ErrorEntryOut } from './errors.dto.js';

@ApiTags('Errors')
@Controller('errors')
export class ErrorsController {
  @Get()
  @Public()
  @Describe('List all errors', {
    description: 'Every code that an answer of this installation can have, ordered by status and code.',
    returns: [ErrorEntryOut],
  })
  list(): ErrorEntryOut[] {
    return Object.values(errorCatalogue)
      .map(({ code, status, title }) => ({ code, status, message: title }))
      .sort((one, other) => one.status - other.status || one.code.localeCompare(other.code));
  }
}
