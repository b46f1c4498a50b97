/** Stands for a secret that is set. Clients may send it back; it then means "as it is". */
export const MASK = '********';

/** The secret of a request: undefined when it was left out, empty or the mask. */
export const unmasked = (given: string | undefined): string | undefined =>
  given === undefined || given === '' || given === MASK ? undefined : given;
