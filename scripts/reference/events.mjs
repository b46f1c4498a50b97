import { join } from 'node:path';
import ts from 'typescript';
import { eventCatalogue, narrowNames, webhookNameOf } from '#contracts';
import { root } from '../run.mjs';
import { generatedFrom, table } from './table.mjs';

// The payloads are read from the interfaces themselves, so that page and types cannot differ.
const index = join(root, 'libs/contracts/src/index.ts');
const program = ts.createProgram([index], {
  strict: true,
  target: ts.ScriptTarget.ES2023,
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
});
const checker = program.getTypeChecker();
const exported = new Map(
  checker
    .getExportsOfModule(checker.getSymbolAtLocation(program.getSourceFile(index)))
    .map((symbol) => [symbol.name, symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol]),
);

const comment = (symbol) =>
  ts.displayPartsToString(symbol.getDocumentationComment(checker)).replaceAll(/\s*\n\s*/g, ' ');

/** The type as it is written at the field. */
const writtenType = (symbol) => symbol.declarations[0].type.getText();

const fieldsOf = (type) =>
  type.getProperties().map((field) => ({ name: field.name, type: writtenType(field), comment: comment(field) }));

const declared = (name) => checker.getDeclaredTypeOfSymbol(exported.get(name));

const payloads = Object.fromEntries(
  declared('EventPayloads')
    .getProperties()
    .map((event) => [event.name, writtenType(event)]),
);

/** The exported types that the payloads mention, directly or through another one, in order of first mention. */
function mentionedTypes() {
  const found = new Set();
  const visit = (text) => {
    for (const [name] of text.matchAll(/\b[A-Z]\w+/g)) {
      if (!exported.has(name) || found.has(name)) continue;
      found.add(name);
      const declaration = exported.get(name).declarations[0];
      if (ts.isInterfaceDeclaration(declaration)) for (const field of fieldsOf(declared(name))) visit(field.type);
      else if (ts.isTypeAliasDeclaration(declaration)) visit(declaration.type.getText());
    }
  };
  for (const text of Object.values(payloads)) visit(text);
  return [...found];
}

/** An alias as written, or resolved where it is derived from a list. */
function aliasText(name, declaration) {
  const written = declaration.type.getText();
  if (!written.includes('typeof ')) return `type ${name} =${written.startsWith('|') ? '\n  ' : ' '}${written};`;
  const flags = ts.TypeFormatFlags.NoTruncation | ts.TypeFormatFlags.InTypeAlias;
  return `type ${name} = ${checker.typeToString(declared(name), undefined, flags)};`;
}

function typeSection(name) {
  const symbol = exported.get(name);
  const declaration = symbol.declarations[0];
  const body = ts.isInterfaceDeclaration(declaration)
    ? table(
        ['Field', 'Type', 'Meaning'],
        fieldsOf(declared(name)).map((field) => [`\`${field.name}\``, `\`${field.type}\``, field.comment]),
      )
    : `\`\`\`ts\n${aliasText(name, declaration)}\n\`\`\``;
  return [`### ${name}`, comment(symbol), body].filter(Boolean).join('\n\n');
}

const rows = Object.entries(eventCatalogue).map(([name, entry]) => [
  `\`${name}\``,
  entry.when,
  [
    `\`${webhookNameOf(name)}\``,
    ...narrowNames.filter(({ of }) => of === name).map((narrow) => `\`${narrow.name}\` ${narrow.means}`),
  ].join(', '),
  exported.has(payloads[name]) ? `[${payloads[name]}](#${payloads[name].toLowerCase()})` : `\`${payloads[name]}\``,
]);

export const pages = {
  'docs/reference/events.md': `# Events

${generatedFrom('libs/contracts/src/events.ts')}

Whatever happens is a row in the event log, written in the transaction of the change it tells of. Each profile has a
stream of its own (facts of the organization have another one), and \`seq\` counts a stream 1, 2, 3 … without gaps, so
that a reader knows what it has seen. Webhooks and sockets read the same rows.

${table(['Event', 'Written when', 'Name for webhooks', 'Payload'], rows)}

## Payloads

${mentionedTypes().map(typeSection).join('\n\n')}
`,
};
