import { Inject } from '@nestjs/common';

/** The token under which the settings are provided. */
export const CONFIG = Symbol('config');

/** Injects the settings: `constructor(@InjectConfig() private readonly config: Config)`. */
export const InjectConfig = () => Inject(CONFIG);
