import './node-version.mjs';

const { ensurePackages } = await import('./packages.mjs');
const { build } = await import('./build.mjs');
const { runNode } = await import('./run.mjs');

await ensurePackages();
await build();
const { code } = await runNode('bench/simulator/load.mjs', process.argv.slice(2), { nodeArgs: ['--no-warnings'] });
process.exitCode = code;
