import { CatalogueError } from '#contracts';

/**
 * The same error, told of the field that a caller knows: paths get the prefix, and an error without fields is said to
 * be at the prefix itself.
 */
export function errorAtField(failure: unknown, prefix: string): unknown {
  if (!(failure instanceof CatalogueError)) return failure;
  const { code, status, message: title, details, retryAfterSeconds, cause } = failure;
  const fields = failure.fields?.map((field) => ({ ...field, path: `${prefix}.${field.path}` })) ?? [
    { path: prefix, message: title },
  ];
  return new CatalogueError({ code, status, title }, { fields, details, retryAfterSeconds, cause });
}
