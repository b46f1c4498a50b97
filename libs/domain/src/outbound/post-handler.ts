import type { Dispatcher } from 'undici';
import { OutboundFailure, toOutboundFailure } from './outbound-failure.js';

export interface OutboundAnswer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  /** The first `keepBytes` of the answer as text. */
  body: string;
}

/** How much of an answer to a POST is kept, bytes. */
const keepBytes = 4096;
/** How much more is read so that the connection can be used again; beyond it the connection is closed. */
const drainBytes = 64 * 1024;

/**
 * Takes the answer of one call from undici as it comes, which costs half of what its streams and signals cost. The
 * deadline is for everything: name, connection, TLS and answer.
 */
export class PostHandler implements Dispatcher.DispatchHandler {
  private controller: Dispatcher.DispatchController | undefined;
  private readonly deadline: NodeJS.Timeout;
  private isDone = false;
  private status = 0;
  private headers: OutboundAnswer['headers'] = {};
  private readonly kept: Buffer[] = [];
  private read = 0;

  /** Exactly one of the two is called, once; `failed` with an OutboundFailure. */
  constructor(
    timeoutMs: number,
    private readonly answered: (answer: OutboundAnswer) => void,
    private readonly failed: (failure: OutboundFailure) => void,
  ) {
    this.deadline = setTimeout(() => {
      this.fail(new OutboundFailure('timeout'));
      this.controller?.abort(new OutboundFailure('timeout'));
    }, timeoutMs);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.controller = controller;
    // The time was over before a connection stood: nothing is sent any more.
    if (this.isDone) controller.abort(new OutboundFailure('timeout'));
  }

  onResponseStart(_: Dispatcher.DispatchController, status: number, headers: OutboundAnswer['headers']): void {
    // 1xx announces the answer.
    if (status < 200) return;
    this.status = status;
    this.headers = headers;
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.read < keepBytes) this.kept.push(Buffer.from(chunk.subarray(0, keepBytes - this.read)));
    this.read += chunk.length;
    if (this.read <= drainBytes) return;
    this.succeed();
    controller.abort(new OutboundFailure('invalid_response'));
  }

  onResponseEnd(): void {
    this.succeed();
  }

  onResponseError(_: Dispatcher.DispatchController, error: Error): void {
    this.fail(toOutboundFailure(error));
  }

  private succeed(): void {
    if (!this.end()) return;
    // PostgreSQL text cannot hold NUL.
    const body = this.kept.length === 0 ? '' : Buffer.concat(this.kept).toString('utf8').replaceAll('\0', '�');
    this.answered({ status: this.status, headers: this.headers, body });
  }

  private fail(failure: OutboundFailure): void {
    if (this.end()) this.failed(failure);
  }

  private end(): boolean {
    if (this.isDone) return false;
    this.isDone = true;
    clearTimeout(this.deadline);
    return true;
  }
}
