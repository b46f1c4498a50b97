import type { ChangeKind } from '../../changes.js';
import { WaitTimeout } from '../../people/feed.js';

/** The control interface answered with an error. */
export class SimulatorError extends Error {
  constructor(
    readonly status: number,
    message: string,
    /** The same in one word. */
    readonly code: string,
  ) {
    super(message);
  }
}

/** Something that happened, as the stream of changes tells it. */
export interface RemoteChange {
  kind: ChangeKind | 'ready' | 'reset';
  /** The person it concerns. */
  number?: string;
  /** The message, receipt or typing. */
  record?: unknown;
  problem?: unknown;
}

/** HTTP to the control interface of a simulator. */
export class ControlConnection {
  constructor(readonly controlUrl: string) {}

  /** One request. Rejects with `SimulatorError`, or `WaitTimeout` when a wait ended without what it waited for. */
  async call<T>(method: string, path: string, body?: object): Promise<T> {
    const response = await this.fetch(method, path, body);
    return (await response.json()) as T;
  }

  async fetch(method: string, path: string, body?: object): Promise<Response> {
    const response = await fetch(this.controlUrl + path, {
      method,
      ...(body ? { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } } : {}),
    });
    if (response.ok) return response;
    const { error, code } = (await response.json()) as { error: string; code: string };
    throw response.status === 408 ? new WaitTimeout(error) : new SimulatorError(response.status, error, code);
  }

  /** What happens, as it happens, until `signal` ends it. The first is `ready`: nothing is missed from there on. */
  async *changes(path: string, signal: AbortSignal): AsyncGenerator<RemoteChange> {
    const response = await fetch(this.controlUrl + path, { signal });
    if (!response.ok || !response.body) throw new SimulatorError(response.status, 'there is no stream', 'refused');
    const decoder = new TextDecoder();
    let rest = '';
    try {
      for await (const part of response.body) {
        const blocks = (rest + decoder.decode(part, { stream: true })).split('\n\n');
        rest = blocks.pop() ?? '';
        for (const block of blocks) {
          const change = changeOf(block);
          if (change) yield change;
        }
      }
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }
}

/** Reads one server-sent event; nothing for a comment. */
function changeOf(block: string): RemoteChange | undefined {
  const [, kind] = /^event: (.+)$/m.exec(block) ?? [];
  const [, data] = /^data: (.+)$/m.exec(block) ?? [];
  if (!kind || !data) return undefined;
  return { kind: kind as RemoteChange['kind'], ...(JSON.parse(data) as object) };
}
