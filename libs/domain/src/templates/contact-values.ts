import type { TemplateValues } from './template-language.js';

/** What is known of the person whom a text goes to. */
export interface AddressedContact {
  name: string | null;
  phone: string | null;
  customFields: Record<string, unknown> | null;
}

/** What the places of a text may name of that person: `name`, `phone`, own fields; `contact` has all under one name. */
export function contactValues({ name, phone, customFields }: AddressedContact): TemplateValues {
  const known = { ...customFields, ...(name === null ? {} : { name }), ...(phone === null ? {} : { phone }) };
  return { ...known, contact: known };
}
