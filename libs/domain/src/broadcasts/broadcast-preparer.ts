import {
  type Actor,
  type AudiencePart,
  type BroadcastVariant,
  errors,
  type MediaId,
  type TemplateId,
} from '#contracts';
import {
  type BroadcastRow,
  type Database,
  findTemplate,
  insertMediaObjects,
  type PreparedVariant,
  type Tx,
} from '#database';
import type { SendableContent } from '#engine';
import type { MediaIntake, TakenMedia } from '../media/media-intake.js';
import { errorAtField } from '../messaging/error-at-field.js';
import type { Saying } from '../messaging/saying.js';
import { holdNamed } from '../uploads/upload-scope.js';
import { filesOf } from './audience-files.js';
import { messageOfTemplate, type ReadMessage, readMessage } from './broadcast-message.js';

/** A broadcast's variants, ready to be filled in, with the files that they name: their rows are still to be written. */
export interface Prepared {
  variants: PreparedVariant[];
  files: TakenMedia[];
}

interface ReadVariant {
  saying: Saying;
  templateId: string | null;
  path: string;
}

/** Stands where a file would, when only the words count. */
const noFile: TakenMedia = {
  ...{ mediaId: '' as MediaId, storageKey: '', sizeBytes: 0, sha256: '' },
  ...{ mimeType: '', fileName: null },
};

/** Makes variants ready to be sent: reads templates as they are now, and takes files in, once for all recipients. */
export class BroadcastPreparer {
  constructor(
    private readonly db: Database,
    private readonly intake: Pick<MediaIntake, 'takeAll'>,
  ) {}

  /** @throws notFound (a template), validation, and what `MediaIntake.takeAll` throws, at the variant at fault */
  async prepare(actor: Actor, variants: readonly BroadcastVariant[]): Promise<Prepared> {
    const prepared: Prepared = { variants: [], files: [] };
    for (const { saying, templateId, path } of await this.read(actor, variants)) {
      prepared.variants.push({ content: await this.contentOf(actor, saying, path, prepared.files), templateId });
    }
    return prepared;
  }

  /** What variants say, in their order, without the files: none is taken in. @throws notFound (a template), validation */
  async words(actor: Actor, variants: readonly BroadcastVariant[]): Promise<SendableContent[]> {
    return (await this.read(actor, variants)).map(({ saying }) => saying.say(saying.files.map(() => noFile)));
  }

  private async read(actor: Actor, variants: readonly BroadcastVariant[]): Promise<ReadVariant[]> {
    const sayings: ReadVariant[] = [];
    for (const [index, { message }] of variants.entries()) {
      const path = variants.length === 1 ? 'message' : `variants.${index}.message`;
      const read = readMessage(message, path);
      const templateId = read.kind === 'template' ? read.templateId : null;
      const said = read.kind === 'template' ? await this.ofTemplate(actor, read.templateId, path) : read;
      if (said.kind === 'template') throw new TypeError('A template does not name another.');
      sayings.push({ saying: said.saying, templateId, path });
    }
    return sayings;
  }

  private async ofTemplate(actor: Actor, templateId: string, path: string): Promise<ReadMessage> {
    const template = await this.db.tenant(actor, (tx) =>
      findTemplate(tx, actor.organizationId, templateId as TemplateId),
    );
    if (!template) throw errors.notFound({ message: 'There is no such template.', details: { templateId } });
    return messageOfTemplate(template.messageType, template.content, path);
  }

  private async contentOf(actor: Actor, saying: Saying, path: string, files: TakenMedia[]) {
    try {
      const taken = await this.intake.takeAll(actor, saying.files);
      files.push(...taken);
      return saying.say(taken);
    } catch (failure) {
      throw errorAtField(failure, path);
    }
  }
}

/** Writes the rows of the files, so that every message can name them. @returns what the broadcast notes of it */
export async function keepPrepared(
  tx: Tx,
  { organizationId, audience }: BroadcastRow,
  { variants, files }: Prepared,
): Promise<{ prepared: PreparedVariant[]; mediaIds: string[] }> {
  await holdNamed(tx, organizationId, files);
  if (files.length > 0) {
    await insertMediaObjects(
      tx,
      organizationId,
      files.map((file) => ({ ...file, id: file.mediaId })),
    );
  }
  return { prepared: variants, mediaIds: namedFiles(audience, variants) };
}

/** The files of an audience, and of what is ready to be sent. */
export function namedFiles(audience: readonly AudiencePart[], prepared: readonly PreparedVariant[] | null): string[] {
  const said = (prepared ?? []).flatMap(({ content }) => {
    if (content.kind === 'carousel') return content.cards.flatMap(({ media }) => media?.media.mediaId ?? []);
    return 'media' in content ? (content.media.mediaId ?? []) : [];
  });
  return [...filesOf(audience).map(({ mediaId }) => mediaId), ...said];
}
