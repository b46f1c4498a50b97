/** Milliseconds that nobody can set: an hour's jump of the machine's clock is no hour of silence. */
export const monotonic = (): number => performance.now();
