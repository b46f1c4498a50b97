import type { BinaryNode } from '../baileys.js';
import type { Account } from '../network/account.js';
import type { Companion } from '../network/companion.js';
import { children, iqError, iqResult } from '../wire/stanza.js';

/** A question of a logged-in device to the server. */
export interface IqRequest {
  readonly node: BinaryNode;
  /** Its first child, which names the question. */
  readonly child: BinaryNode | undefined;
  readonly device: Companion;
  readonly account: Account;
  /** Runs something after the answer has gone out. */
  after(act: () => void): void;
}

/** The content of a result; nothing for an empty one. Throws `IqRefusal` for an error. */
export type IqHandler = (request: IqRequest) => BinaryNode[] | undefined;

/** An error answer that is part of the protocol, such as "no picture". */
export class IqRefusal extends Error {
  constructor(
    readonly code: number,
    message: string,
  ) {
    super(message);
  }
}

/** A question that this version knows but does not answer: refused with 501 and recorded. */
export class IqUnsupported extends IqRefusal {
  constructor(what: string) {
    super(501, `${what} is not supported by this version of the simulator`);
  }
}

/** All the questions the server answers: `xmlns type child`, where child may be `*`. */
export class IqRegistry {
  private readonly handlers = new Map<string, IqHandler>();

  on(xmlns: string, type: 'get' | 'set', child: string, handler: IqHandler): this {
    this.handlers.set(`${xmlns} ${type} ${child}`, handler);
    return this;
  }

  /** Answers some of these questions before whoever answers them now; `undefined` leaves one to that handler. */
  onSome(
    xmlns: string,
    type: 'get' | 'set',
    child: string,
    handler: (request: IqRequest) => BinaryNode[] | undefined,
  ): this {
    const others = this.handlers.get(`${xmlns} ${type} ${child}`);
    return this.on(xmlns, type, child, (request) => {
      const answer = handler(request);
      if (answer) return answer;
      if (!others) throw new IqRefusal(501, 'feature-not-implemented');
      return others(request);
    });
  }

  /** The answer to a question, and the complaint about it if there is one. */
  answer(request: Omit<IqRequest, 'child'>): {
    reply: BinaryNode;
    problem?: 'unknown-iq' | 'unsupported';
    name: string;
  } {
    // Telemetry comes without a type.
    const { xmlns = '', type = 'set' } = request.node.attrs;
    const child = children(request.node)[0];
    const name = `${xmlns} ${type} ${child?.tag ?? '-'}`;
    const handler = this.handlers.get(`${xmlns} ${type} ${child?.tag}`) ?? this.handlers.get(`${xmlns} ${type} *`);
    if (!handler) return { reply: iqError(request.node, 501, 'feature-not-implemented'), problem: 'unknown-iq', name };
    try {
      const content = handler({ ...request, after: request.after, child });
      return { reply: iqResult(request.node, content), name };
    } catch (error) {
      if (!(error instanceof IqRefusal)) throw error;
      const reply = iqError(request.node, error.code, error.message);
      return { reply, name, ...(error instanceof IqUnsupported ? { problem: 'unsupported' as const } : {}) };
    }
  }
}
