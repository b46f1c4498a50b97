/** The folder of this run of jest, made by the global setup and deleted with everything in it at the end. */
export function runFolder(): string {
  const folder = process.env.WAYPOST_TEST_RUN;
  if (folder === undefined) throw new Error('The test kit works under jest only (its global setup makes the folder).');
  return folder;
}
