import { PlugZap, ShieldAlert, Timer, UserLock } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { fault, paths } from '../api/phones.ts';
import type { FaultState, Person } from '../api/types.ts';
import { useResource } from '../live/resource.ts';
import { useAct } from '../ui/act.ts';
import { Button } from '../ui/button.tsx';
import { boxClass } from '../ui/fields.tsx';
import { Failed } from '../ui/states.tsx';
import { activeFaults } from './active-faults.ts';

const CLOSINGS: [number, string][] = [
  [401, '401 device removed'],
  [403, '403 banned'],
  [408, '408 timed out'],
  [411, '411 not multi-device'],
  [428, '428 closed without a word'],
  [440, '440 replaced by another connection'],
  [500, '500 bad session'],
  [503, '503 unavailable'],
  [515, '515 restart required'],
];
const REFUSALS: [number, string][] = [
  [463, '463 restricted account'],
  [475, '475 not allowed'],
  [479, '479 malformed stanza'],
  [429, '429 too fast'],
];
const LOGINS: [number, string][] = [
  [401, '401 logged out'],
  [403, '403 banned'],
  [405, '405 outdated client'],
  [500, '500 server error'],
  [503, '503 unavailable'],
];
const DELAYS: [number, string][] = [
  [1_000, '1 second'],
  [3_000, '3 seconds'],
  [10_000, '10 seconds'],
  [30_000, '30 seconds'],
];

type Strike = (request: object) => void;

/** What can be made to go wrong for the clients of one account. */
export function FaultsTab({ person }: { person: Person }) {
  const state = useResource<FaultState>(
    paths.faults(person.number),
    ({ kind }) => kind === 'stanzas' || kind === 'person',
  );
  const act = useAct(async (request: object) => {
    await fault(person.number, request);
    state.reload();
  });
  const strike: Strike = (request) => void act.run(request);
  const active = activeFaults(state.data);
  const { number, devices, name } = person;
  return (
    <div className="min-h-0 flex-1 overflow-y-auto p-4 sm:p-6">
      <div className="mx-auto max-w-2xl space-y-4">
        <p className="text-sm text-soft">
          Trouble for the clients that are linked to {name}. The phone itself never fails; take its network away at the
          top instead.
        </p>
        {devices.length === 0 && (
          <p className="rounded-2xl border bg-card p-4 text-sm">
            No client is linked, so nothing here has an effect yet.
          </p>
        )}
        {act.error && <Failed error={act.error} />}
        {active.length > 0 && (
          <section
            className="flex flex-wrap items-center gap-3 rounded-2xl border border-warn/50 bg-warn/10 p-4"
            aria-live="polite"
          >
            <ul className="min-w-48 flex-1 space-y-1 text-sm">
              {active.map((line) => (
                <li key={line}>{line}</li>
              ))}
            </ul>
            <Button onClick={() => strike({ fault: 'clear' })}>End all trouble</Button>
          </section>
        )}
        <Card icon={<PlugZap aria-hidden />} title="Connection">
          <Row label="Cut it" hint="Without a word, as a lost network does. The client comes back by itself.">
            <Button onClick={() => strike({ fault: 'cut' })}>Cut</Button>
          </Row>
          <Row label="Stall it" hint="Silent in both directions with the socket open, until it is resumed.">
            <Button onClick={() => strike({ fault: 'stall' })}>Stall</Button>
            <Button onClick={() => strike({ fault: 'resume' })}>Resume</Button>
          </Row>
          <Row label="Leave it half open" hint="The network forgets the connection, and the client does not notice.">
            <Button onClick={() => strike({ fault: 'halfOpen' })}>Leave</Button>
          </Row>
          <Choice
            label="End it with a code"
            hint="401 ends the link for good; the client must be linked anew."
            options={CLOSINGS}
            initial={503}
            action="End"
            onAct={(code) => strike({ fault: 'closeWith', code })}
          />
        </Card>
        <Card icon={<Timer aria-hidden />} title="Answers">
          <Row label="Swallow the next acknowledgement" hint="The message is delivered; its sender never hears of it.">
            <Button onClick={() => strike({ fault: 'dropNextAcks', count: 1 })}>Swallow</Button>
          </Row>
          <Choice
            label="Delay all acknowledgements"
            hint="Until all trouble is ended."
            options={DELAYS}
            initial={3_000}
            action="Delay"
            onAct={(delayMs) => strike({ fault: 'delayAcks', delayMs })}
          />
          <Choice
            label="Refuse the next message"
            hint="With the code of the service."
            options={REFUSALS}
            initial={463}
            action="Refuse"
            onAct={(code) => strike({ fault: 'nackNext', code, count: 1 })}
          />
        </Card>
        <Card icon={<ShieldAlert aria-hidden />} title="Messages to the client">
          <Row label="Damage the next one" hint="It cannot be decrypted; a good client asks for it again.">
            <Button onClick={() => strike({ fault: 'corruptNextMessages', count: 1 })}>Damage</Button>
          </Row>
          <Row label="Forget the next receipt" hint="The message comes a second time at the next login.">
            <Button onClick={() => strike({ fault: 'loseNextReceipts', count: 1 })}>Forget</Button>
          </Row>
          <Row label="Leave out the offline marker" hint="The next login never says that all that waited has come.">
            <Button onClick={() => strike({ fault: 'omitNextOfflineMarkers', count: 1 })}>Leave out</Button>
          </Row>
        </Card>
        <Card icon={<UserLock aria-hidden />} title="The number">
          <Row label="Restrict it" hint="It may write to people it knows; to others the service answers 463.">
            <Button onClick={() => strike({ fault: 'restrict' })}>Restrict</Button>
            <Button onClick={() => strike({ fault: 'liftRestriction' })}>Lift</Button>
          </Row>
          <Choice
            label="Fail the next login"
            hint="With the reason that the service gives."
            options={LOGINS}
            initial={503}
            action="Fail"
            onAct={(code) => strike({ fault: 'failNextLogins', code, count: 1 })}
          />
          <Row label="Use its prekeys up" hint="A good client makes new ones when it is told.">
            <Button onClick={() => strike({ fault: 'exhaustPrekeys' })}>Use up</Button>
          </Row>
        </Card>
        <p className="text-xs text-soft">
          More faults can be set by script:{' '}
          <a className="text-plum underline" href="/docs#faults">
            the control interface
          </a>
          , for {number}.
        </p>
      </div>
    </div>
  );
}

function Card({ icon, title, children }: { icon: ReactNode; title: string; children: ReactNode }) {
  return (
    <section className="rounded-2xl border bg-card p-4" aria-label={title}>
      <h3 className="mb-1 flex items-center gap-2 font-display text-lg [&_svg]:size-5 [&_svg]:text-plum">
        {icon}
        {title}
      </h3>
      <div className="divide-y">{children}</div>
    </section>
  );
}

function Row({ label, hint, children }: { label: string; hint: string; children: ReactNode }) {
  return (
    <div className="flex flex-wrap items-center gap-x-4 gap-y-2 py-3">
      <div className="min-w-44 flex-1">
        <p className="text-sm font-medium">{label}</p>
        <p className="text-xs text-soft">{hint}</p>
      </div>
      <div className="flex gap-2">{children}</div>
    </div>
  );
}

interface ChoiceProps {
  label: string;
  hint: string;
  options: [number, string][];
  initial: number;
  action: string;
  onAct(value: number): void;
}

function Choice({ label, hint, options, initial, action, onAct }: ChoiceProps) {
  const [value, setValue] = useState(initial);
  return (
    <Row label={label} hint={hint}>
      <select
        aria-label={label}
        value={value}
        onChange={(event) => setValue(Number(event.target.value))}
        className={`${boxClass} max-w-44`}
      >
        {options.map(([option, text]) => (
          <option key={option} value={option}>
            {text}
          </option>
        ))}
      </select>
      <Button onClick={() => onAct(value)}>{action}</Button>
    </Row>
  );
}
