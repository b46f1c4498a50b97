/** The line that every generated page carries under its title. */
export const generatedFrom = (source) => `Generated from \`${source}\` by \`npm run generate\`. Do not edit.`;

/** A Markdown table; cells may hold any text. */
export function table(heads, rows) {
  const line = (cells) => `| ${cells.map((cell) => String(cell).replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(heads), line(heads.map(() => '---')), ...rows.map(line)].join('\n');
}
