/**
 * A cell as spreadsheets show it and nothing more: what they would take for a formula gets an apostrophe in front, which
 * our own imports take off again. A phone number with its plus is none, and stays as it is.
 */
export function harmlessCell(value: string | number | null): string {
  const text = String(value ?? '');
  if (typeof value === 'number' || /^\+\d{5,20}$/.test(text)) return text;
  // Blanks in front do not keep all of them from it; the full-width forms are signs to some.
  return /^\s*[=+\-@\uff1d\uff0b\uff0d\uff20]|^[\t\r\n]/.test(text) ? `'${text}` : text;
}
