import type { ApiAnswer, ApiClient } from '#testing';
import type { Route } from '../apps/api/src/http/route-table.js';
import { fullName } from './route-samples.js';

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
    // Nobody waits for an engine that is not there.
    return client.send(route.method, path, filled && this.takes(route, 'wait') ? { ...filled, wait: 0 } : filled);
  }

  /** Whether its body may have a property of this name. */
  private takes(route: Route, property: string): boolean {
    const content = this.operationOf(route)?.requestBody?.content['application/json'];
    const schema = this.document.components.schemas[content?.schema.$ref?.split('/').at(-1)];
    return schema?.properties?.[property] !== undefined;
  }

  /** The documented example of its body; undefined when it takes none. */
  bodyOf(route: Route): Record<string, unknown> | undefined {
    return this.operationOf(route)?.requestBody?.content['application/json']?.example;
  }

  private operationOf(route: Route) {
    const path = route.path.replaceAll(/:([^/]+)/g, '{$1}');
    return this.document.paths[path]?.[route.method.toLowerCase()];
  }
}
