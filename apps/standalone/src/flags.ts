import { parseArgs } from 'node:util';

export interface Flags {
  /** Start a simulated WhatsApp network and let every profile live in it. */
  sandbox: boolean;
  /** Play the demo after the start; needs the sandbox and switches it on. */
  demo: boolean;
  help: boolean;
}

export const helpText = `npm start [-- options]

  --sandbox   also start a simulated WhatsApp network; profiles connect to it, no phone needed
  --demo      the sandbox with a demo played in it (same as npm run demo)
  --help      this text

Settings are environment variables, also read from a file .env: see docs/reference/settings.md.
PORT (default 3000) and DATA_DIR (default ./data) are the ones most often changed.`;

/** @throws with a sentence when an option is unknown. */
export function parseFlags(args: string[]): Flags {
  const { values } = parseArgs({
    args,
    options: { sandbox: { type: 'boolean' }, demo: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } },
  });
  return { sandbox: Boolean(values.sandbox || values.demo), demo: Boolean(values.demo), help: Boolean(values.help) };
}
