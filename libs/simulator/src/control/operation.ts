import type { Fields, Schema } from './field.js';
import type { ControlInput } from './input.js';

/** An answer that is a file and not JSON. */
export interface FileAnswer {
  file: Buffer;
  mimetype: string;
}

/** An answer that goes on: `text/event-stream`, in pieces, until the caller goes. */
export interface StreamAnswer {
  stream: AsyncIterable<string>;
}

/** One route of the control interface: what the document of routes says, and what it does. */
export interface ControlOperation {
  method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** With `{parameters}`; those of `PARAMETERS` in document.ts are described there, others in `params`. */
  path: string;
  /** The operation's id, and the name of the client's method where there is one. */
  name: string;
  /** One sentence without a period at its end. */
  summary: string;
  /** What else a caller must know. */
  details?: string;
  params?: Fields;
  /** Query parameters, all optional. */
  query?: Fields;
  /** Body fields; names that end in `?` are optional. What is not listed is refused. */
  body?: Fields;
  /** A request to show, when what is needed alone would do nothing useful. */
  example?: Record<string, unknown>;
  /** What comes back; an empty object when absent. */
  answer?: Schema;
  /** The answer goes on as server-sent events. */
  stream?: true;
  /** Statuses beside those that every operation can answer (400, 404, 422), and what they mean. */
  refusals?: Record<number, string>;
  run(input: ControlInput): unknown;
}

/** The operations of one subject: a chapter of the document and of the page. */
export interface ControlTopic {
  name: string;
  about: string;
  operations: ControlOperation[];
}
