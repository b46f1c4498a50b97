import { complaintAboutFields, objectOf, type Schema } from './field.js';
import { ControlError } from './input.js';
import type { ControlOperation, ControlTopic } from './operation.js';

interface Route {
  operation: ControlOperation;
  pattern: RegExp;
  names: string[];
  body: Schema;
}

/** Finds the operation of a request, and holds its body and query to what the operation says it takes. */
export class Routes {
  private readonly routes: Route[];

  constructor(topics: readonly ControlTopic[]) {
    const operations = topics.flatMap((topic) => topic.operations);
    this.routes = operations.map((operation) => ({
      operation,
      pattern: new RegExp(`^${operation.path.replace(/\{\w+\}/g, '([^/]+)')}$`),
      names: [...operation.path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name ?? ''),
      body: objectOf(operation.body ?? {}),
    }));
  }

  /** @throws ControlError 404 or 405 */
  find(method: string, path: string): { operation: ControlOperation; params: Record<string, string> } {
    const fitting = this.routes.filter(({ pattern }) => pattern.test(path));
    const route = fitting.find(({ operation }) => operation.method === method);
    if (route) {
      const values = route.pattern.exec(path) ?? [];
      return {
        operation: route.operation,
        params: Object.fromEntries(route.names.map((name, index) => [name, decoded(values[index + 1] ?? '')])),
      };
    }
    if (fitting.length === 0) throw new ControlError(404, `there is no ${method} ${path}; see /docs`);
    const methods = fitting.map(({ operation }) => operation.method).join(', ');
    throw new ControlError(405, `${path} takes ${methods}, not ${method}`, methods);
  }

  /** @throws ControlError 400 that names the field */
  checkedBody(operation: ControlOperation, given: Record<string, unknown>): Record<string, unknown> {
    const schema = this.routes.find((route) => route.operation === operation)?.body ?? {};
    const read = Object.fromEntries(
      Object.entries(given).map(([name, value]) => [name, fromForm(value, schema.properties?.[name])]),
    );
    const complaint = complaintAboutFields(read, schema, 'this operation');
    if (complaint) throw new ControlError(400, complaint);
    return read;
  }

  /** @throws ControlError 400 */
  checkedQuery({ query = {} }: ControlOperation, given: URLSearchParams): URLSearchParams {
    for (const name of given.keys()) {
      if (name in query) continue;
      const names = Object.keys(query).join(', ');
      throw new ControlError(
        400,
        `"${name}" is no query parameter here; ${names ? `there are ${names}` : 'there is none'}`,
      );
    }
    return given;
  }
}

/** A form has only texts: `true` stands for a flag and `3` for a number where the field is one. */
function fromForm(value: unknown, schema: Schema | undefined): unknown {
  if (typeof value !== 'string') return value;
  if (schema?.type === 'boolean' && /^(true|false)$/.test(value)) return value === 'true';
  const isNumber = schema?.type === 'integer' || schema?.type === 'number';
  return isNumber && value.trim() !== '' && Number.isFinite(Number(value)) ? Number(value) : value;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new ControlError(400, `"${text}" in the path is not percent-encoded text`);
  }
}
