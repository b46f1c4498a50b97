import type { LoggedEvent, WebhookPayloadVersion } from '#contracts';
import { type Database, type EventSurroundings, readEventSurroundings, type SurroundingsAsked } from '#database';
import type { WebhookMediaLinks } from './webhook-media-links.js';
import { surroundingsOf, type WebhookBody, webhookBody } from './webhook-payload.js';

/** An event on its way to a webhook. */
export interface Told {
  event: LoggedEvent;
  /** The name under which the webhook asked for it. */
  name?: string;
  version: WebhookPayloadVersion;
}

/** Makes the bodies of webhook calls, with what the database knows of the people and messages around an event. */
export class WebhookBodies {
  constructor(
    private readonly db: Pick<Database, 'query'>,
    private readonly links: WebhookMediaLinks,
  ) {}

  /** Looked up in one query for all of them; by the ids of the events. */
  async around(told: readonly Told[]): Promise<ReadonlyMap<string, EventSurroundings>> {
    const asked = told.flatMap(({ event, version }) => (version === 1 ? [] : (surroundingsOf(event) ?? [])));
    if (asked.length === 0) return new Map();
    // Events of one conversation by one person have the same around them.
    const distinct = new Map(asked.map((one) => [placeOf(one), one]));
    const found = await readEventSurroundings(this.db, [...distinct.values()]);
    return new Map(
      asked.flatMap((one) => {
        const around = found.get(distinct.get(placeOf(one))!.eventId);
        return around ? [[one.eventId, around] as const] : [];
      }),
    );
  }

  body({ event, name, version }: Told, around?: EventSurroundings): WebhookBody {
    return webhookBody(event, { name, version, around, linkTo: (mediaId, of) => this.links.linkTo(mediaId, of) });
  }

  /** The body of one call. */
  async of(told: Told): Promise<WebhookBody> {
    return this.body(told, (await this.around([told])).get(told.event.id));
  }
}

function placeOf({ profileId, conversationId, authorPersonId, quotedWaMessageId }: SurroundingsAsked): string {
  return `${profileId} ${conversationId} ${authorPersonId} ${quotedWaMessageId}`;
}
