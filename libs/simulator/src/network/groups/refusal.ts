import { IqRefusal } from '../../iq/registry.js';

/**
 * Why a wish about a group is refused. Codes as clients read them (whatsmeow, errors.go): 403 not a member, 401 only
 * admins may, 404 no such group, 406 not acceptable, 409 overtaken by another change, 410 the invitation is no longer good,
 * 419 full.
 */
const REASONS = {
  notMember: [403, 'forbidden'],
  notAdmin: [401, 'not-authorized'],
  noGroup: [404, 'item-not-found'],
  badRequest: [400, 'bad-request'],
  notAcceptable: [406, 'not-acceptable'],
  conflict: [409, 'conflict'],
  gone: [410, 'gone'],
  full: [419, 'resource-limit'],
} as const;

export function refuse(reason: keyof typeof REASONS): IqRefusal {
  const [code, text] = REASONS[reason];
  return new IqRefusal(code, text);
}
