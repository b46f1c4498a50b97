export interface Removal {
  /** What is taken out, in a few words. */
  cure: string;
  /** Where it is; `find` stands there exactly once and is replaced by `put`. */
  file: string;
  find: string;
  put: string;
  /** The file of the test that then fails. */
  spec: string;
  /** A part of the test's name; without it any test of the file. */
  name?: string;
}

export const removals: Removal[];
