export * from './address.js';
export * from './capabilities.js';
export * from './content.js';
export * from './engine.js';
export * from './store.js';
