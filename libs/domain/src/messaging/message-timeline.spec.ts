import type { MessageEventRow, MessageRow } from '#database';
import { timelineOf } from './message-timeline.js';

const at = (seconds: number) => new Date(Date.UTC(2026, 0, 1, 0, 0, seconds));
const message = {
  direction: 'outgoing',
  state: 'read',
  stateReason: null,
  sentAt: at(2),
  deliveredAt: at(3),
  readAt: at(9),
} as MessageRow;
const event = (name: string, seconds: number, payload: object = {}) =>
  ({ name, at: at(seconds), actor: { kind: 'system' }, payload }) as MessageEventRow;
const shown = (events: MessageEventRow[]) =>
  timelineOf(message, { acceptedAt: at(1), attempts: 1, tries: [] }, events).map(({ state, event: name }) => [
    state,
    name,
  ]);

it('is the log’s, each state once', () => {
  const events = [
    event('message.queued', 1),
    event('message.sent', 2, { state: 'sent' }),
    event('message.delivered', 3, { state: 'delivered' }),
    event('action.changed', 5, { actionId: 'a', state: 'sent' }),
    event('message.read', 9, { state: 'read' }),
  ];
  expect(shown(events)).toEqual([
    ['queued', 'message.queued'],
    ['sent', 'message.sent'],
    ['delivered', 'message.delivered'],
    [null, 'action.changed'],
    ['read', 'message.read'],
  ]);
});

it('is the message’s own where the log does not reach back', () => {
  expect(shown([event('message.read', 9, { state: 'read' })])).toEqual([
    ['queued', null],
    ['sent', null],
    ['delivered', null],
    ['read', 'message.read'],
  ]);
});

it('tells which try sent it, and why those before did not', () => {
  const tries = [
    { attempt: 1, at: at(2).toISOString(), reason: 'not_connected' },
    { attempt: 2, at: at(4).toISOString(), reason: 'ack_timeout' },
  ];
  const events = [
    event('message.queued', 1),
    event('message.sent', 6, { state: 'sent' }),
    event('message.delivered', 7, { state: 'delivered' }),
    event('message.read', 9, { state: 'read' }),
  ];
  const entries = timelineOf(message, { acceptedAt: at(1), attempts: 3, tries }, events);
  expect(entries.map(({ state, reason, attempt }) => [state, reason, attempt])).toEqual([
    ['queued', null, null],
    ['queued', 'not_connected', 1],
    ['queued', 'ack_timeout', 2],
    ['sent', null, 3],
    ['delivered', null, null],
    ['read', null, null],
  ]);
});
