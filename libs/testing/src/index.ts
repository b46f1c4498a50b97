export { type BuiltOrganization, type BuiltProfile, buildOrganization, buildProfile } from './build.js';
export { type ConfigOverrides, testConfig } from './test-config.js';
export { createTestDatabase, type TestDatabase } from './test-database.js';
export { until } from './until.js';
