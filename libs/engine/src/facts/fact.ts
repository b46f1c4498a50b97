/**
 * Where a fact about the account comes from: a notification of the server, a change made on the phone or another device
 * (app state), the history that the phone sent at linking, or a look of ours at the server.
 */
export type FactSource = 'notification' | 'app_state' | 'history' | 'lookup';

interface AnyFact {
  /** When it happened by WhatsApp's clock; the time of arrival when it tells none. */
  at: Date;
  source: FactSource;
}

export type Fact<Type extends string, Body> = AnyFact & { type: Type } & Body;
