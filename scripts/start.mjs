import './node-version.mjs';

// Imported only now, so that an old Node gets the sentence above instead of a syntax error.
const { existsSync } = await import('node:fs');
const { ensurePackages } = await import('./packages.mjs');
const { build } = await import('./build.mjs');
const { root } = await import('./run.mjs');

process.chdir(root);
await ensurePackages();
await build();

// Variables that are set already win over the file. Only here: tests must not depend on it.
if (existsSync('.env')) process.loadEnvFile('.env');

// In this very process: one process less, and signals arrive where they are handled.
await import('../dist/apps/standalone/src/main.js');
