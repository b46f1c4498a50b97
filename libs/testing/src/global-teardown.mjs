import { removeRun } from './run-folder.mjs';

export default async function globalTeardown() {
  await removeRun(process.env.WAYPOST_TEST_RUN);
}
