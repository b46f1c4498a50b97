export { loadConfig } from './config.js';
export { publicUrlOf } from './public-url.js';
export { runProcess } from './run-process.js';
export { InvalidSetting, type Setting } from './setting.js';
export { type Config, settings } from './settings.js';
