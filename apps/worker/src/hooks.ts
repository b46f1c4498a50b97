import type { Config } from '#config';
import { type Database, Sealer } from '#database';
import {
  ActionCarrier,
  BroadcastCopies,
  BroadcastPreparer,
  Contacts,
  HookRunner,
  LinkPreviews,
  type Logger,
  MediaIntake,
  MessageSender,
  TemplateSender,
} from '#domain';

/** What works on requests to incoming hooks, with all that it takes to do what they ask for. */
export function openHooks(
  config: Config,
  db: Database,
  log: Logger,
  { outbound, ...files }: ConstructorParameters<typeof MediaIntake>[0],
): HookRunner {
  const intake = new MediaIntake({ outbound, ...files });
  const sender = new MessageSender(db, intake, { expiryMs: config.engine.sendExpiryHours * 3_600_000 });
  const carrier = new ActionCarrier({
    db,
    sender,
    templates: new TemplateSender(db, sender),
    previews: new LinkPreviews(outbound, config.outbound.linkPreviews),
    contacts: new Contacts(db),
    copies: new BroadcastCopies(db, new BroadcastPreparer(db, intake)),
  });
  return new HookRunner(db, Sealer.open(db, config.secrets), carrier, log);
}
