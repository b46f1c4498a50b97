/** What a caller may put in for a name. */
export type TemplateVariables = Readonly<Record<string, string | number | boolean>>;

/** Longest name that is looked for between braces. Bounds the search, so that rendering is linear in the text. */
export const MAX_VARIABLE_NAME_LENGTH = 64;

/**
 * Puts variables into a text: `{name}` and `{{name}}`, spaces around the name allowed. What has no variable of that
 * name stays as it was written. Values go in as they are and are not searched again; names are only compared, never
 * run as a pattern or a property path. It stops as soon as the result is longer than `maxLength`: the caller sees that
 * by the length, and a short text with many places for a long value costs nothing.
 */
export function renderTemplate(template: string, variables: TemplateVariables, maxLength: number): string {
  let rendered = '';
  let copied = 0;
  let position = template.indexOf('{');
  while (position !== -1 && rendered.length <= maxLength) {
    const place = readPlace(template, position);
    const value = place && Object.hasOwn(variables, place.name) ? variables[place.name] : undefined;
    if (place && value !== undefined) {
      rendered += template.slice(copied, position) + String(value);
      copied = place.end;
      position = template.indexOf('{', place.end);
    } else {
      position = template.indexOf('{', position + 1);
    }
  }
  return rendered + template.slice(copied);
}

/** Reads `{name}` or `{{name}}` that begins at `start`. */
function readPlace(template: string, start: number): { name: string; end: number } | null {
  const isDouble = template[start + 1] === '{';
  const nameStart = start + (isDouble ? 2 : 1);
  const limit = Math.min(template.length, nameStart + MAX_VARIABLE_NAME_LENGTH + 2);
  for (let index = nameStart; index < limit; index++) {
    if (template[index] === '{') return null;
    if (template[index] !== '}') continue;
    if (isDouble && template[index + 1] !== '}') return null;
    return { name: template.slice(nameStart, index).trim(), end: index + (isDouble ? 2 : 1) };
  }
  return null;
}
