import type { SocketConfig } from '@whiskeysockets/baileys';

/** What the adapter logs with; pino fits. */
export interface EngineLogger {
  child(bindings: Record<string, unknown>): EngineLogger;
  trace(facts: object, message: string): void;
  debug(facts: object, message: string): void;
  info(facts: object, message: string): void;
  warn(facts: object, message: string): void;
  error(facts: object, message: string): void;
}

/** The logger that Baileys asks for. */
export type SocketLogger = SocketConfig['logger'];

/**
 * Baileys logs stanzas with phone numbers at every level, errors included. All of it goes to `debug` and below; what an
 * operator must know is logged by the adapter itself.
 */
export function baileysLogger(logger: EngineLogger): SocketLogger {
  const at = (level: 'debug' | 'trace') => (facts: unknown, message?: string) => {
    if (typeof facts === 'string') logger[level]({}, facts);
    else logger[level]({ baileys: facts }, message ?? '');
  };
  return {
    // Not 'trace': Baileys would print each stanza, plaintext included.
    level: 'info',
    child: () => baileysLogger(logger),
    trace: () => undefined,
    debug: at('trace'),
    info: at('trace'),
    warn: at('debug'),
    error: at('debug'),
  };
}
