import type { Provider } from '@nestjs/common';
import { Communities, GroupAdmin, GroupInvitations, Groups } from '#domain';

/** What the controllers of groups and communities ask for. */
export const groupProviders: Provider[] = [Groups, GroupAdmin, GroupInvitations, Communities];
