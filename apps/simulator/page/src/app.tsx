import { Smartphone } from 'lucide-react';
import { Tooltip } from 'radix-ui';
import { useEffect } from 'react';
import type { Person } from './api/types.ts';
import { useLive } from './live/live.tsx';
import { useResource } from './live/resource.ts';
import { useRoute } from './live/route.ts';
import { useTheme } from './live/theme.ts';
import { NetworkScreen } from './network/network-screen.tsx';
import { PhoneScreen } from './phones/phone-screen.tsx';
import { Sidebar } from './phones/sidebar.tsx';
import { StanzaScreen } from './stanzas/stanza-screen.tsx';
import { Empty } from './ui/states.tsx';

/** The list of phones at the side, what was chosen beside it; on a small screen one of them at a time. */
export function App() {
  const route = useRoute();
  const { connected } = useLive();
  const [theme, setTheme] = useTheme();
  const people = useResource<Person[]>(
    '/people',
    ({ kind }) => kind === 'person' || kind === 'message' || kind === 'chats',
  );
  const isHome = route.screen === 'phones';
  const person = route.screen === 'phone' ? people.data?.find(({ number }) => number === route.number) : undefined;

  useEffect(() => {
    document.title = person ? `${person.name} · phones` : 'Phones · simulated network';
  }, [person]);

  return (
    <Tooltip.Provider delayDuration={300}>
      <div className="flex h-full flex-col">
        {!connected && (
          <p role="status" className="bg-warn px-4 py-1.5 text-center text-sm font-medium text-white dark:text-black">
            The simulator does not answer. Trying again…
          </p>
        )}
        <div className="flex min-h-0 flex-1">
          <aside className={`${isHome ? 'flex' : 'hidden'} w-full flex-col border-r bg-sunk lg:flex lg:w-80`}>
            <Sidebar people={people} route={route} theme={theme} onTheme={setTheme} />
          </aside>
          <main className={`${isHome ? 'hidden' : 'flex'} min-w-0 flex-1 flex-col lg:flex`}>
            {route.screen === 'phone' && <PhoneScreen key={route.number} route={route} people={people} />}
            {route.screen === 'stanzas' && <StanzaScreen />}
            {route.screen === 'network' && <NetworkScreen people={people.data ?? []} />}
            {isHome && (
              <div className="grid flex-1 place-items-center">
                <Empty icon={<Smartphone aria-hidden />} title="Pick up a phone">
                  <p>
                    Every person here has a phone of their own. Choose one at the left to read its chats, to write as
                    its owner, or to link it to the client that you are testing.
                  </p>
                </Empty>
              </div>
            )}
          </main>
        </div>
      </div>
    </Tooltip.Provider>
  );
}
