import { type Actor, errors, type OrganizationId, type UploadId } from '#contracts';
import { holdUploads, type Tx, type UploadScope } from '#database';

/** Who asks: a person with its rights, or the system for an organization, which sees all of it. */
export type UploadAsker = Pick<Actor, 'organizationId'> & Partial<Pick<Actor, 'userId' | 'reach'>>;

/** Whose uploads somebody sees: all of the organization, or the own ones when its rights are limited to some places. */
export function uploadScope({ organizationId, userId, reach = 'everywhere' }: UploadAsker): UploadScope {
  return { organizationId, ofUser: reach === 'everywhere' ? null : (userId ?? null) };
}

export const noUpload = (uploadId: string) =>
  errors.notFound({ message: 'There is no such upload.', details: { uploadId } });

/** Nobody removes these uploads before something names their files, in this transaction. @throws notFound */
export async function holdNamed(
  tx: Tx,
  organizationId: OrganizationId,
  named: readonly { uploadId?: UploadId }[],
): Promise<void> {
  const ids = [...new Set(named.flatMap(({ uploadId }) => uploadId ?? []))];
  if (ids.length === 0) return;
  const held = await holdUploads(tx, organizationId, ids);
  const gone = ids.find((id) => !held.has(id));
  if (gone !== undefined) throw noUpload(gone);
}
