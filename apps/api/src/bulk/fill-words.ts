import { renderTemplate, type TemplateVariables } from '#domain';

/** The words of one content grew beyond what may be. */
export class WordsTooLong extends Error {}

/**
 * A checked content with its variables in every text of it, at any depth; bytes are no text.
 * @param most characters of all texts together
 * @throws WordsTooLong
 */
export function fillWords(content: object, variables: TemplateVariables, most: number): object {
  let left = most;
  const filled = (value: unknown, name: string): unknown => {
    if (typeof value === 'string' && name !== 'base64') {
      const text = renderTemplate(value, variables, left);
      left -= text.length;
      if (left < 0) throw new WordsTooLong();
      return text;
    }
    if (Array.isArray(value)) return value.map((each) => filled(each, name));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, filled(each, key)]));
  };
  return filled(content, '') as object;
}
