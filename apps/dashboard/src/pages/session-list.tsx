import { Monitor, Smartphone } from 'lucide-react';
import { useCallback, useState } from 'react';
import { endOtherSessions, endSession, fetchSessions, type Session } from '../session/own-session.ts';
import { useAct } from '../ui/act.ts';
import { Button } from '../ui/button.tsx';
import { Loading, Problem } from '../ui/notes.tsx';
import { useLoaded } from '../ui/use-loaded.ts';

/** Where the person is logged in, newest login first; further pages on demand. */
export function SessionList() {
  const { data, error, reload } = useLoaded(useCallback(() => fetchSessions(), []));
  const [further, setFurther] = useState<{ of: typeof data; sessions: Session[]; nextCursor: string | null }>();
  // What was added belongs to one first page; once that is loaded anew it begins again.
  const more = further !== undefined && further.of === data ? further : undefined;
  const nextCursor = more ? more.nextCursor : (data?.nextCursor ?? null);
  const sessions = [...(data?.sessions ?? []), ...(more?.sessions ?? [])];

  const showMore = useAct(async () => {
    const page = await fetchSessions(nextCursor!);
    setFurther({ of: data, sessions: [...(more?.sessions ?? []), ...page.sessions], nextCursor: page.nextCursor });
  });
  const endOthers = useAct(async () => {
    await endOtherSessions();
    reload();
  });

  return (
    <section aria-labelledby="sessions" className="space-y-3">
      <h2 id="sessions" className="font-semibold">
        Where you are signed in
      </h2>
      {error && <Problem onRetry={reload}>{error.message}</Problem>}
      {!data && !error && <Loading what="your sessions" />}
      {data && (
        <ul className="divide-y rounded-xl border">
          {sessions.map((session) => (
            <SessionRow key={session.id} session={session} onEnded={reload} />
          ))}
        </ul>
      )}
      {data && sessions.length === 1 && <p className="text-sm text-soft">Nowhere else.</p>}
      {(showMore.error ?? endOthers.error) && <Problem>{(showMore.error ?? endOthers.error)?.message}</Problem>}
      <div className="flex flex-wrap gap-2">
        {nextCursor !== null && (
          <Button busy={showMore.busy} onClick={() => showMore.run()}>
            Show more
          </Button>
        )}
        {sessions.length > 1 && (
          <Button look="danger" busy={endOthers.busy} onClick={() => endOthers.run()}>
            End all others
          </Button>
        )}
      </div>
    </section>
  );
}

function SessionRow({ session, onEnded }: { session: Session; onEnded(): void }) {
  const { id, current, device, deviceDetails, ipAddress, place, lastActiveAt } = session;
  const end = useAct(async () => {
    await endSession(id);
    onEnded();
  });
  const Icon = deviceDetails.type === 'mobile' || deviceDetails.type === 'tablet' ? Smartphone : Monitor;
  const where = [place?.country, ipAddress].filter(Boolean).join(' · ');
  const when = new Date(lastActiveAt).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' });
  return (
    <li className="p-3">
      <div className="flex items-center gap-3">
        <Icon className="size-5 shrink-0 text-soft" aria-hidden />
        <div className="min-w-0 flex-1 text-sm">
          <p className="truncate font-medium">{device}</p>
          <p className="text-soft">
            {where}
            {where && ' · '}
            {current ? <strong className="font-medium text-good">this session</strong> : `last used ${when}`}
          </p>
        </div>
        {!current && (
          <Button look="danger" busy={end.busy} onClick={() => end.run()} aria-label={`End the session on ${device}`}>
            End
          </Button>
        )}
      </div>
      {end.error && (
        <div className="mt-3">
          <Problem>{end.error.message}</Problem>
        </div>
      )}
    </li>
  );
}
