import type { StatusAudiences } from '../network/status/status-audiences.js';
import { stanza } from '../wire/stanza.js';
import type { IqRegistry } from './registry.js';

const WIRE_MODES = { contacts: 'contacts', except: 'blacklist', only: 'whitelist' } as const;

/** To whom an account shows its status (whatsmeow, broadcast.go, `GetStatusPrivacy`). */
export function registerStatusIqs(registry: IqRegistry, audiences: StatusAudiences): void {
  registry.on('status', 'get', 'privacy', ({ account }) => {
    const chosen = audiences.of(account);
    const lists = (['contacts', 'except', 'only'] as const).map((mode) => {
      const people = mode === chosen.mode ? [...chosen.people] : [];
      return stanza(
        'list',
        { type: WIRE_MODES[mode], default: mode === chosen.mode ? 'true' : undefined },
        people.map((one) => stanza('user', { jid: one.address('lid') })),
      );
    });
    return [stanza('privacy', {}, lists)];
  });
}
