import { CannotStart } from './cannot-start.js';
import { playDemo } from './demo/demo.js';
import { type Flags, helpText, parseFlags } from './flags.js';
import { greeting } from './greeting.js';
import { Standalone } from './standalone.js';

const print = (line: string) => console.log(line);

function readFlags(): Flags {
  try {
    return parseFlags(process.argv.slice(2));
  } catch (problem) {
    console.error(`${(problem as Error).message}\n\n${helpText}`);
    process.exit(2);
  }
}

const flags = readFlags();
if (flags.help) {
  print(helpText);
  process.exit(0);
}
// A reader of our output that went away (npm start | head) is no reason to die.
process.stdout.on('error', () => undefined);

const standalone = new Standalone({ env: process.env, sandbox: flags.sandbox, print });
let stopping = false;

async function stop(exitCode: number): Promise<never> {
  stopping = true;
  await standalone.stop();
  process.exit(exitCode);
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    if (stopping) return standalone.hurry();
    print('\nStopping: finishing what is under way. Again to stop at once.');
    void stop(0);
  });
}

try {
  const facts = await standalone.start();
  print(greeting(facts, { firstSteps: facts.firstRun && !flags.demo }));
  if (flags.demo) {
    const { url, dataDir } = facts;
    await playDemo({ url, controlUrl: facts.sandboxControlUrl!, dataDir, out: process.stdout });
  }
} catch (problem) {
  if (!stopping) {
    console.error(problem instanceof CannotStart ? problem.message : problem);
    await stop(1);
  }
}
