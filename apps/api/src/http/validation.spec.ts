import { ArrayMaxSize, IsArray, IsInt, IsString, Length, Max, MaxLength, Min } from 'class-validator';
import type { CatalogueError } from '#contracts';
import { checked } from './validation.js';

class Wanted {
  @IsString()
  @Length(1, 5)
  to: string;

  @IsArray()
  @ArrayMaxSize(2)
  @IsString({ each: true })
  @MaxLength(3, { each: true })
  names: string[];

  @IsInt()
  @Min(0)
  @Max(30)
  wait: number;
}

const right = { to: 'Ana', names: ['a'], wait: 5 };

function complaints(given: object): unknown {
  try {
    checked(Wanted, { ...right, ...given }, 'body');
    return null;
  } catch (error) {
    return (error as CatalogueError).fields;
  }
}

it.each([
  [{ to: undefined }, 'to', 'must be a string'],
  [{ to: 7 }, 'to', 'must be a string'],
  [{ to: '' }, 'to', 'must be longer than or equal to 1 characters'],
  [{ names: 'Ana' }, 'names', 'must be an array'],
  [{ names: ['a', 'b', 'c'] }, 'names', 'must contain no more than 2 elements'],
  [{ wait: 'soon' }, 'wait', 'must be an integer number'],
  [{ wait: 31 }, 'wait', 'must not be greater than 30'],
])('of %j says once what is wrong with %s: that it %s', (given, field, message) => {
  expect(complaints(given)).toEqual([{ path: `body.${field}`, message }]);
});

it('says nothing of what is right', () => {
  expect(complaints({})).toBeNull();
});
