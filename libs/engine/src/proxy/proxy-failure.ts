/** Why nothing could be reached through a proxy. */
export class ProxyFailure extends Error {
  constructor(
    /** `unreachable`: no connection to it. `refused`: it answered, and would not open the way. */
    readonly kind: 'unreachable' | 'refused',
    message: string,
    cause?: unknown,
  ) {
    super(message, { cause });
    this.name = 'ProxyFailure';
  }
}

/** Finds the failure of a proxy in what a socket or the library made of it. */
export function proxyFailureIn(error: unknown): ProxyFailure | null {
  for (let each = error, depth = 0; each && depth < 6; depth += 1) {
    if (each instanceof ProxyFailure) return each;
    const { cause, data } = each as { cause?: unknown; data?: unknown };
    each = cause ?? data;
  }
  return null;
}
