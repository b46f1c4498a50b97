/** An answer with a status that only the handler knows, such as 201 or 202 for a send. */
export class Answer<T> {
  constructor(
    readonly status: number,
    readonly data: T,
  ) {}
}

export function answer<T>(status: number, data: T): Answer<T> {
  return new Answer(status, data);
}

/** One page of a list. `data` of the envelope are the items; the rest goes to `meta`. */
export class Page<T> {
  constructor(
    readonly items: T[],
    readonly meta: {
      limit: number;
      /** Cursor of the next page; null on the last one. */
      nextCursor: string | null;
      /** How many there are in all, where a route promises it. */
      total?: number;
      /** Position of the newest event of a stream. */
      head?: number;
    },
  ) {}
}

export interface Meta {
  timestamp: string;
  requestId: string;
}

export interface SuccessBody {
  success: true;
  data: unknown;
  meta: Meta & Partial<Page<unknown>['meta']>;
}

/** What a handler returned, in the envelope of v1, with its status where the handler chose one. */
export function toEnvelope(returned: unknown, requestId: string): { status?: number; body: SuccessBody } {
  const meta: Meta = { timestamp: new Date().toISOString(), requestId };
  if (returned instanceof Answer) {
    const inner = toEnvelope(returned.data, requestId);
    return { status: returned.status, body: inner.body };
  }
  if (returned instanceof Page) {
    return { body: { success: true, data: returned.items, meta: { ...meta, ...returned.meta } } };
  }
  return { body: { success: true, data: returned ?? null, meta } };
}
