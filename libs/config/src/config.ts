import { InvalidSetting, type Setting } from './setting.js';
import { type Config, settings } from './settings.js';

/**
 * Reads all settings. The only reader of the environment.
 * @throws InvalidSetting naming every setting that cannot be used.
 */
export function loadConfig(env: Record<string, string | undefined> = process.env): Config {
  const problems: string[] = [];
  const config: Record<string, Record<string, unknown>> = {};
  for (const [group, entries] of Object.entries(settings)) {
    const values: Record<string, unknown> = {};
    for (const [name, setting] of Object.entries(entries) as [string, Setting<unknown>][]) {
      try {
        values[name] = setting.read(env[setting.env]);
      } catch (problem) {
        problems.push((problem as Error).message);
      }
    }
    config[group] = values;
  }
  if (problems.length > 0) throw new InvalidSetting('', `Settings: ${problems.join(' ')}`);
  return config as unknown as Config;
}
