import { IqRefusal } from '../iq/registry.js';
import { NewsletterRefusal } from '../network/newsletters/newsletters.js';
import { RoomRefusal } from '../people/rooms/room-messaging.js';
import { type Fields, field, objectOf, type Schema } from './field.js';
import { ControlError } from './input.js';

/** What the codes say with which the network refuses a wish about a group. */
const SENTENCES: Record<number, string> = {
  400: 'the request is malformed',
  401: 'only an admin of the group may do that',
  403: 'this person is not a member of the group',
  404: 'there is no such group or request',
  406: 'that is not acceptable: an empty or overlong text, or no such invitation',
  409: 'it is so already, or somebody else was faster',
  410: 'the invitation is no longer good',
  419: 'the group is full',
};

/** What the network refuses answers 409 with a sentence and the network's own code. */
export async function orRefused<T>(act: () => T | Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    if (error instanceof IqRefusal) {
      throw new ControlError(409, `${SENTENCES[error.code] ?? error.message} (the network answers ${error.code})`);
    }
    if (error instanceof NewsletterRefusal) {
      throw new ControlError(409, `${error.message} (the network answers ${error.code})`);
    }
    if (error instanceof RoomRefusal) throw new ControlError(409, error.message);
    throw error;
  }
}

export const REFUSALS = { 409: 'The network refuses it; the sentence ends with its code' };

const open = (fields: Fields): Schema => ({ ...objectOf(fields), additionalProperties: true });

export const GROUP_PARAMS = { group: field.text('The address of the group', '120363001234567890@g.us') };
export const NEWSLETTER_PARAMS = { newsletter: field.text('Its address', '120363001234567890@newsletter') };

/** A group as answers describe it. */
export const GROUP: Schema = open({
  jid: field.text('Its address', '120363001234567890@g.us'),
  subject: field.text('Its name', 'Family'),
  'description?': field.text('Its description', 'All of us'),
  creator: field.phone('Who made it'),
  createdAt: field.count('Milliseconds since 1970', 1_795_269_600_000),
  addressing: field.choice(['lid', 'pn'], 'How its members are named on the wire'),
  members: field.list({ type: 'object' }, 'Number, name and role of each member', [
    { number: '6281300000002', name: 'Ana', role: 'superadmin' },
  ]),
  requests: field.phones('Who waits for an admin', []),
  announce: field.flag('Only admins may write', false),
  locked: field.flag('Only admins may change the details', false),
  memberAddMode: field.choice(['admin_add', 'all_member_add'], 'Who may add people'),
  needsApproval: field.flag('Newcomers wait for an admin', false),
  disappearingSeconds: field.count('After how many seconds new messages vanish; 0 for never', 0),
  isCommunity: field.flag('It is a community, not a chat', false),
  isAnnouncements: field.flag('It is the announcement group of its community', false),
  'community?': field.text('The community that it belongs to', '120363001234567891@g.us'),
});

/** What became of each person in a change. */
export const RESULTS: Schema = field.list(
  open({
    number: field.phone('Who'),
    code: field.count(
      '200 done, 202 an admin must approve first, 401 blocked, 403 privacy wants an invitation, 404 not there, 406 not possible for the creator, 408 left lately, 409 is in already, 419 full',
      200,
    ),
    'invite?': field.any('With 403: the invitation to send', { code: 'AbCdEf', expiresAt: 1_795_528_800_000 }),
  }),
  'One entry for each person',
);

/** A newsletter as answers describe it. */
export const NEWSLETTER: Schema = open({
  jid: field.text('Its address', '120363001234567890@newsletter'),
  name: field.text('Its name', 'News'),
  description: field.text('What it is about', 'of the day'),
  invite: field.text('What follows https://whatsapp.com/channel/', '0029Vaabcdef'),
  followers: field.count('How many follow it', 12),
  role: field.choice(['owner', 'admin', 'subscriber', 'guest'], 'What this person is there'),
  muted: field.flag('Whether this person has muted it', false),
  messages: field.list({ type: 'object' }, 'Its posts with reactions and views', []),
});
