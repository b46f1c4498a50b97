import { Injectable } from '@nestjs/common';
import { type Actor, CatalogueError, errors, sightOf } from '#contracts';
import { Database, findVisible } from '#database';

/**
 * Tells two reasons apart for which something is not found: it is none of the actor's business, which stays 404, or the
 * actor sees it by other permissions than the one that was needed, which is 403. Only for actors whose rights differ
 * from place to place; for all others nothing is asked.
 */
@Injectable()
export class OutOfReach {
  constructor(private readonly db: Database) {}

  /**
   * @param actor as it was narrowed to the permission that was needed
   * @param named every id that the request named
   * @returns the error to answer: the given one, or forbidden in its place
   */
  async explain(error: unknown, actor: Actor, named: () => readonly string[]): Promise<unknown> {
    if (!(error instanceof CatalogueError) || error.status !== 404 || actor.reach === 'everywhere') return error;
    const sight = sightOf(actor);
    const ids = named();
    const seen = await this.db.tenant({ ...actor, reach: sight }, (tx) => findVisible(tx, ids));
    if (seen.size === 0) return error;
    const reached = await this.db.tenant(actor, (tx) => findVisible(tx, [...seen]));
    const beyond = [...seen].find((id) => !reached.has(id));
    if (beyond === undefined) return error;
    return errors.forbidden({
      message: 'You may see this, but not do this with it: your permission for it is limited to other places.',
      details: { id: beyond },
    });
  }
}
