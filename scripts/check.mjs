import './node-version.mjs';

const { ensurePackages } = await import('./packages.mjs');
const { build } = await import('./build.mjs');
const { runNode } = await import('./run.mjs');

/** Each thing that must hold before a change is merged, in the order of how fast it says no. */
const steps = [
  { name: 'format and lint', script: 'node_modules/@biomejs/biome/bin/biome', args: ['ci', '--colors=off', '.'] },
  {
    name: 'import rules and cycles',
    script: 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs',
    args: ['apps', 'libs', 'test', '--config', '.dependency-cruiser.cjs'],
  },
  { name: 'generated files are fresh', script: 'scripts/generate.mjs', args: ['--check'] },
  { name: 'migrations match the schema', script: 'scripts/migration.mjs', args: ['check'] },
  { name: 'types', script: 'node_modules/typescript/bin/tsc', args: ['--noEmit', '-p', 'tsconfig.json'] },
  {
    name: "types of the simulator's page",
    script: 'node_modules/typescript/bin/tsc',
    args: ['--noEmit', '-p', 'apps/simulator/page/tsconfig.json'],
  },
  {
    name: 'types of the dashboard',
    script: 'node_modules/typescript/bin/tsc',
    args: ['--noEmit', '-p', 'apps/dashboard/tsconfig.json'],
  },
];

await ensurePackages();
await build();

let failed = 0;
for (const step of steps) {
  const started = performance.now();
  const { code, output } = await runNode(step.script, step.args, { quiet: true });
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(`${code === 0 ? 'ok    ' : 'FAILED'}  ${step.name} (${seconds} s)`);
  if (code !== 0) {
    failed += 1;
    console.log(output.trim());
  }
}
if (failed > 0) process.exitCode = 1;
