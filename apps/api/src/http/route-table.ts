import { Injectable, type OnApplicationBootstrap, RequestMethod, type Type } from '@nestjs/common';
import { METHOD_METADATA, PATH_METADATA } from '@nestjs/common/constants.js';
import { DiscoveryService, MetadataScanner } from '@nestjs/core';
import { type Access, accessOf, addressLimitOf } from './access.js';
import { type Description, descriptionOf } from './describe.js';
import { takesForm } from './form-routes.js';
import { isIdempotent } from './idempotency.js';

/** Every controller lives under this prefix. */
export const API_PREFIX = '/api/v1';

type Handler = (...args: never[]) => unknown;

/** One operation as its decorators declare it. */
export interface Route {
  method: string;
  /** With prefix and `:params`: `/api/v1/profiles/:id`. */
  path: string;
  /** Names of the path parameters, in order. */
  params: string[];
  controller: Type;
  handler: Handler;
  handlerName: string;
  /** Stable: `ProfilesController_get`. */
  operationId: string;
  access: Access;
  description: Description | undefined;
  isIdempotent: boolean;
  isLimitedByAddress: boolean;
  /** The body may be a form with a file in it. */
  takesForm: boolean;
}

/** All operations of the api. Read by the document, the 405 answer and the route tests. */
@Injectable()
export class RouteTable implements OnApplicationBootstrap {
  routes: readonly Route[] = [];
  private matchers: { pattern: RegExp; method: string; takesForm: boolean }[] = [];

  constructor(
    private readonly discovery: DiscoveryService,
    private readonly scanner: MetadataScanner,
  ) {}

  /** @throws when a route does not say who may call it: what nobody thought about must not be open. */
  onApplicationBootstrap(): void {
    this.routes = this.discovery.getControllers().flatMap(({ metatype }) => this.routesOf(metatype as Type));
    this.matchers = this.routes.map(({ path, method, takesForm }) => ({
      method,
      takesForm,
      pattern: new RegExp(`^${path.replaceAll(/:[^/]+/g, '[^/]+')}/?$`),
    }));
  }

  /** The methods under which a path exists. */
  methodsOf(path: string): string[] {
    try {
      decodeURI(path);
    } catch {
      // A path that cannot be decoded exists under no method.
      return [];
    }
    return [...new Set(this.matchers.filter(({ pattern }) => pattern.test(path)).map(({ method }) => method))];
  }

  /** Whether the body of a request may be a form with a file in it. */
  takesForm(method: string, path: string): boolean {
    return this.matchers.some((each) => each.takesForm && each.method === method && each.pattern.test(path));
  }

  private routesOf(controller: Type): Route[] {
    const prototype = controller.prototype as Record<string, Handler>;
    return this.scanner.getAllMethodNames(prototype).flatMap((handlerName) => {
      const handler = prototype[handlerName]!;
      const suffixes: unknown = Reflect.getMetadata(PATH_METADATA, handler);
      if (suffixes === undefined) return [];
      const access = accessOf(controller, handler);
      const operationId = `${controller.name}_${handlerName}`;
      if (!access) throw new Error(`${operationId} declares neither @Can, @Authenticated nor @Public.`);
      const method = RequestMethod[Reflect.getMetadata(METHOD_METADATA, handler) as number]!;
      return paths(Reflect.getMetadata(PATH_METADATA, controller), suffixes).map((path) => ({
        method,
        path,
        params: [...path.matchAll(/:([^/]+)/g)].map(([, name]) => name!),
        controller,
        handler,
        handlerName,
        operationId,
        access,
        description: descriptionOf(handler),
        isIdempotent: isIdempotent(handler),
        isLimitedByAddress: addressLimitOf(handler) !== undefined,
        takesForm: takesForm(handler),
      }));
    });
  }
}

function paths(prefixes: unknown, suffixes: unknown): string[] {
  return [prefixes].flat().flatMap((prefix) =>
    [suffixes].flat().map((suffix) => {
      const parts = [API_PREFIX, prefix, suffix].map((part) => String(part ?? '').replaceAll(/^\/+|\/+$/g, ''));
      return `/${parts.filter(Boolean).join('/')}`;
    }),
  );
}
