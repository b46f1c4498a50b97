import './node-version.mjs';

const { ensurePackages } = await import('./packages.mjs');
const { build } = await import('./build.mjs');
const { runNode } = await import('./run.mjs');

const args = process.argv.slice(2);
const faults = args.includes('--faults');
const property = args.includes('--property');

await ensurePackages();
// The tests that kill processes start them from dist; everything else runs from source.
await build();

// --faults runs the long kill campaign, whose files no other run takes; --property the requests made from our own OpenAPI
// document, 20,000 of them instead of the few that every run makes, a million simulated sends under the send governor, and
// a hundred random runs of the simulator.
const files = faults
  ? ['--testRegex', '\\.faults-spec\\.ts$']
  : property
    ? ['test/property', 'governor\\.property', 'simulator/src/repeatable']
    : [];
if (property) {
  process.env.PROPERTY_REQUESTS ??= '20000';
  process.env.PROPERTY_SENDS ??= '1000000';
  process.env.REPEATABLE_SEEDS ??= '100';
}
const { code } = await runNode(
  'node_modules/jest/bin/jest.js',
  [...files, ...args.filter((argument) => !['--faults', '--property'].includes(argument))],
  { nodeArgs: ['--experimental-vm-modules', '--no-warnings', '--max-old-space-size=3072'] },
);
process.exitCode = code;
