import './node-version.mjs';

const { ensurePackages } = await import('./packages.mjs');
const { build } = await import('./build.mjs');
const { runNode } = await import('./run.mjs');

const args = process.argv.slice(2);
const faults = args.includes('--faults');

await ensurePackages();
// The tests that kill processes start them from dist; everything else runs from source.
await build();

// --faults runs the long kill campaign, whose files no other run takes.
const files = faults ? ['--testRegex', '\\.faults-spec\\.ts$'] : [];
const { code } = await runNode(
  'node_modules/jest/bin/jest.js',
  [...files, ...args.filter((argument) => argument !== '--faults')],
  { nodeArgs: ['--experimental-vm-modules', '--no-warnings', '--max-old-space-size=3072'] },
);
process.exitCode = code;
