import type { Provider } from '@nestjs/common';
import { Groups } from '#domain';

/** What the controller of groups asks for. */
export const groupProviders: Provider[] = [Groups];
