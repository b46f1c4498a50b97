import { ValidateBy } from 'class-validator';

/** Longest name of a thing. */
const MAX = 100;

/** A name for people: something to see, no control characters, and not too long for a list. */
export const IsName = () =>
  ValidateBy({
    name: 'isName',
    validator: {
      validate: (value) =>
        typeof value === 'string' && /\S/.test(value) && !/\p{Cc}/u.test(value) && [...value].length <= MAX,
      defaultMessage: () => `must be a name of 1 to ${MAX} characters`,
    },
  });
