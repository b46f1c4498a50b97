import type { Config } from '#config';
import { type PartProcess, startPart } from './part-process.js';

export type EngineProcess = PartProcess;

/** An engine of its own process. Resolves when it holds what there is to hold. */
export function startEngineProcess(config: Config): Promise<EngineProcess> {
  const { url, rootKey, caFile } = config.sandbox;
  return startPart('engine', config, { WA_SANDBOX_URL: url, WA_SANDBOX_ROOT_KEY: rootKey, WA_SANDBOX_CA_FILE: caFile });
}
