export { loadConfig } from './config.js';
export { InvalidSetting, type Setting } from './setting.js';
export { type Config, settings } from './settings.js';
