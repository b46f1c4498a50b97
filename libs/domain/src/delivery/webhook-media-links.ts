import type { LoggedEvent } from '#contracts';
import type { MediaLinks } from '../media/media-links.js';
import type { SignedLink } from './webhook-payload.js';

const DAY_MS = 24 * 3600_000;
/** How long a link works, from the event; longer than a delivery is tried. */
const lifeMs = 7 * DAY_MS;
/** At least so long it works when it is delivered again later. */
const leastMs = 2 * DAY_MS;

/** Links to files for the bodies of webhooks: the same in every repeat of a delivery. */
export class WebhookMediaLinks {
  constructor(
    private readonly links: MediaLinks,
    private readonly publicUrl: string,
    private readonly clock: () => Date = () => new Date(),
  ) {}

  linkTo(mediaId: string, event: LoggedEvent): SignedLink {
    const usual = event.occurredAt.getTime() + lifeMs;
    const now = this.clock().getTime();
    // Whole days, so that the repeats of a late delivery agree as well.
    const expiresAt = new Date(usual >= now + leastMs ? usual : Math.ceil((now + leastMs) / DAY_MS) * DAY_MS);
    return { url: `${this.publicUrl}/api/v1/media/${this.links.signUntil(mediaId, expiresAt)}`, expiresAt };
  }
}
