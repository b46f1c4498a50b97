import './node-version.mjs';

// Imported only now, so that an old Node gets the sentence above instead of a syntax error.
const { ensurePackages } = await import('./packages.mjs');
const { build } = await import('./build.mjs');

await ensurePackages();
await build();

// In this very process: one process less, and signals arrive where they are handled.
await import('../dist/apps/standalone/src/main.js');
