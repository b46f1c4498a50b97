export { type BuiltOrganization, type BuiltProfile, buildOrganization, buildProfile } from './build.js';
export * from './hostile-urls.js';
export { type ConfigOverrides, testConfig } from './test-config.js';
export { createTestDatabase, type TestDatabase } from './test-database.js';
export { until } from './until.js';
export { WaypostProcesses } from './waypost-processes.js';
export { type ReceivedCall, type ReceiverAnswer, WebhookReceiver } from './webhook-receiver.js';
