import { Param, type PipeTransform } from '@nestjs/common';
import { errors } from '#contracts';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

class IdPipe implements PipeTransform<string, string> {
  constructor(private readonly name: string) {}

  transform(value: string): string {
    if (!UUID.test(value)) throw errors.validation({ fields: [{ path: this.name, message: 'must be a UUID' }] });
    return value.toLowerCase();
  }
}

/** An id in the path: `@IdParam() id: ProfileId`, `@IdParam('accountId') accountId: AccountId`. Anything but a UUID is 400. */
export const IdParam = (name = 'id') => Param(name, new IdPipe(name));
