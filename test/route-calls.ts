import type { ApiAnswer, ApiClient } from '#testing';
import type { Route } from '../apps/api/src/http/route-table.js';
import { idOfPath } from './route-samples.js';

export type Ids = Record<string, string>;

/** Calls routes with what the document of the api says of them, for tests that walk the route table. */
export class RouteCalls {
  // biome-ignore lint/suspicious/noExplicitAny: an OpenAPI document
  private constructor(private readonly document: any) {}

  static async of(url: string): Promise<RouteCalls> {
    return new RouteCalls(await (await fetch(`${url}/api/docs-json`)).json());
  }

  /** The ids that a request of this route names in its path and body, by their full names. */
  idNames(route: Route, known: (name: string) => boolean): string[] {
    const body = this.bodyOf(route);
    const inBody = typeof body === 'object' && body !== null ? Object.keys(body).filter(known) : [];
    return [...new Set([...route.params.map((param) => fullName(route, param)), ...inBody])];
  }

  /** Calls it with the ids, and with its documented example as body or the given one. */
  call(client: ApiClient, route: Route, ids: Ids, body: unknown = this.bodyOf(route)): Promise<ApiAnswer> {
    const path = route.path
      .slice('/api/v1'.length)
      .replaceAll(/:([^/]+)/g, (_, param) => ids[fullName(route, param)] ?? '01980000-0000-7000-8000-000000000000');
    const filled =
      typeof body === 'object' && body !== null
        ? Object.fromEntries(Object.entries(body).map(([name, value]) => [name, ids[name] ?? value]))
        : undefined;
    return client.send(route.method, path, filled);
  }

  /** The documented example of its body; undefined when it takes none. */
  bodyOf(route: Route): Record<string, unknown> | undefined {
    const path = route.path.replaceAll(/:([^/]+)/g, '{$1}');
    return this.document.paths[path]?.[route.method.toLowerCase()]?.requestBody?.content['application/json']?.example;
  }
}

function fullName(route: Route, param: string): string {
  return param === 'id' ? (idOfPath[route.path.split('/')[3]!] ?? 'id') : param;
}
