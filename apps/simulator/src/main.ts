import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { REALISTIC_LIMITS, Simulator } from '#simulator';

const USAGE = `Usage: simulator [options]      each option may also come from the environment

  --port <n>           port for WhatsApp clients            SIMULATOR_PORT
  --control-port <n>   port of the control interface        SIMULATOR_CONTROL_PORT
  --media-port <n>     port of the media host               SIMULATOR_MEDIA_PORT
  --ca-file <path>     where to write the media host's CA   SIMULATOR_CA_FILE
  --root-key-file <path>  where to write the root key, hex  SIMULATOR_ROOT_KEY_FILE
  --data-file <path>   keeps the simulation over restarts   SIMULATOR_DATA_FILE
  --host <address>     where to listen, default 127.0.0.1   SIMULATOR_HOST
  --public-host <name> the name by which others reach it    SIMULATOR_PUBLIC_HOST
  --allow-host <names> further names besides 127.0.0.1 and localhost under which the control interface answers, with commas
                       between them                         SIMULATOR_ALLOWED_HOSTS
  --seed <text>        repeats a run: ids, delays, choices  SIMULATOR_SEED
  --limits realistic   limits like the real network's       SIMULATOR_LIMITS
  --inbox-limit <n>    messages and receipts that a phone keeps   SIMULATOR_INBOX_LIMIT

Ports that are 0 or absent are chosen by the system. Nothing asks for a password: do not let strangers reach it.`;

function readOptions() {
  const { env } = process;
  const { values } = parseArgs({
    options: {
      port: { type: 'string', default: env.SIMULATOR_PORT },
      'control-port': { type: 'string', default: env.SIMULATOR_CONTROL_PORT },
      'media-port': { type: 'string', default: env.SIMULATOR_MEDIA_PORT },
      'ca-file': { type: 'string', default: env.SIMULATOR_CA_FILE },
      'root-key-file': { type: 'string', default: env.SIMULATOR_ROOT_KEY_FILE },
      'data-file': { type: 'string', default: env.SIMULATOR_DATA_FILE },
      host: { type: 'string', default: env.SIMULATOR_HOST },
      'public-host': { type: 'string', default: env.SIMULATOR_PUBLIC_HOST },
      'allow-host': { type: 'string', default: env.SIMULATOR_ALLOWED_HOSTS },
      seed: { type: 'string', default: env.SIMULATOR_SEED },
      limits: { type: 'string', default: env.SIMULATOR_LIMITS },
      'inbox-limit': { type: 'string', default: env.SIMULATOR_INBOX_LIMIT },
      help: { type: 'boolean', short: 'h' },
    },
  });
  const port = (name: 'port' | 'control-port' | 'media-port'): number => {
    const value = Number(values[name] ?? 0);
    if (Number.isInteger(value) && value >= 0 && value <= 65_535) return value;
    throw new Error(`--${name} must be a port number, not "${values[name]}"`);
  };
  const { limits, seed, 'inbox-limit': inboxLimit } = values;
  if (limits !== undefined && limits !== 'realistic')
    throw new Error(`--limits is realistic or absent, not "${limits}"`);
  if (inboxLimit !== undefined && !/^[1-9]\d*$/.test(inboxLimit)) {
    throw new Error(`--inbox-limit must be a whole number above 0, not "${inboxLimit}"`);
  }
  return {
    help: values.help,
    caFile: values['ca-file'],
    rootKeyFile: values['root-key-file'],
    simulator: {
      port: port('port'),
      controlPort: port('control-port'),
      mediaPort: port('media-port'),
      dataFile: values['data-file'],
      host: values.host || undefined,
      publicHost: values['public-host'] || undefined,
      allowedHosts: (values['allow-host'] ?? '').split(',').filter(Boolean),
      pageFolder: builtPage(),
      seed,
      ...(limits ? { limits: REALISTIC_LIMITS } : {}),
      ...(inboxLimit ? { inboxLimit: Number(inboxLimit) } : {}),
    },
  };
}

/** The phones, built by scripts/build.mjs beside the compiled code; without them the documentation is shown instead. */
function builtPage(): string | undefined {
  const folder = fileURLToPath(new URL('../../../pages/simulator', import.meta.url));
  return existsSync(folder) ? folder : undefined;
}

async function main(): Promise<void> {
  const { help, caFile, rootKeyFile, simulator: options } = readOptions();
  if (help) {
    console.log(USAGE);
    return;
  }
  const simulator = await Simulator.start(options);
  if (caFile) await simulator.writeCaFile(caFile);
  if (rootKeyFile) await writeFile(rootKeyFile, simulator.rootKeyHex);
  const stop = async (): Promise<void> => {
    for (const name of ['SIGTERM', 'SIGINT', 'disconnect']) process.removeAllListeners(name);
    await simulator.stop();
    process.exit(0);
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
  if (process.connected) process.once('disconnect', stop);
  const { url, rootKeyHex, controlUrl } = simulator;
  console.log(JSON.stringify({ ready: true, url, rootKeyHex, caFile, controlUrl }));
}

main().catch((error: Error) => {
  console.error(`the simulator cannot start: ${error.message}`);
  process.exit(1);
});
