import { field } from './field.js';
import type { ControlInput } from './input.js';
import type { ControlOperation, ControlTopic } from './operation.js';
import { GROUP, GROUP_PARAMS, orRefused, REFUSALS, RESULTS } from './room-shapes.js';
import type { ControlScope } from './scope.js';

const ACTIONS = ['add', 'remove', 'promote', 'demote', 'approve', 'reject'] as const;
const PATH = '/people/{number}/groups/{group}';
const COMMON = { params: GROUP_PARAMS, refusals: REFUSALS };

/** What people do with groups. Messages go to a group's address as they go to a number. */
export function groupTopic(scope: ControlScope): ControlTopic {
  return {
    name: 'Groups',
    about:
      'What a person does with groups on the phone, held to the same rules as the wishes of a client. To write in a group, send a message to its address.',
    operations: [...listing(scope), ...changing(scope), ...coming(scope)],
  };
}

function listing(scope: ControlScope): ControlOperation[] {
  return [
    {
      method: 'GET',
      path: '/people/{number}/groups',
      name: 'groups',
      summary: 'The groups and communities that the person is in',
      answer: field.list(GROUP, 'All of them'),
      run: (input) => scope.person(input).groups.list(),
    },
    {
      method: 'POST',
      path: '/people/{number}/groups',
      name: 'createGroup',
      summary: 'The person makes a group',
      body: {
        subject: field.text('Its name', 'Family'),
        'numbers?': field.phones('Whom to add'),
      },
      answer: field.object({ group: GROUP, results: RESULTS }, 'The group, and who could be added'),
      refusals: REFUSALS,
      run: (input) => orRefused(() => scope.person(input).groups.create(input.text('subject'), numbersOf(input))),
    },
    {
      method: 'GET',
      path: PATH,
      name: 'group',
      summary: 'One group as its members see it',
      ...COMMON,
      answer: GROUP,
      run: (input) => orRefused(() => scope.person(input).groups.info(input.param('group'))),
    },
  ];
}

function changing(scope: ControlScope): ControlOperation[] {
  return [
    {
      method: 'PUT',
      path: PATH,
      name: 'changeGroup',
      summary: 'The person changes what is set in the group; only what is given changes',
      ...COMMON,
      body: {
        'subject?': field.text('Its name', 'Kin'),
        'description?': field.text('Its description; empty to take it away', 'All of us'),
        'announce?': field.flag('Lets only admins write', true),
        'locked?': field.flag('Lets only admins change the details', true),
        'memberAddMode?': field.choice(['admin_add', 'all_member_add'], 'Who may add people'),
        'needsApproval?': field.flag('Newcomers wait for an admin', true),
        'disappearingSeconds?': field.count('After how many seconds new messages vanish; 0 for never', 86_400),
        'picture?': field.file('Its picture, a JPEG'),
      },
      answer: GROUP,
      run: (input) => orRefused(() => change(scope, input)),
    },
    {
      method: 'POST',
      path: `${PATH}/people`,
      name: 'changeGroupPeople',
      summary: 'The person adds, removes, promotes or demotes people, or answers their requests to join',
      ...COMMON,
      body: { action: field.choice(ACTIONS, 'What to do'), numbers: field.phones('With whom') },
      answer: RESULTS,
      run: (input) =>
        orRefused(() => {
          const { groups } = scope.person(input);
          const action = input.choice('action', ACTIONS);
          const jid = input.param('group');
          const numbers = numbersOf(input);
          if (action === 'approve' || action === 'reject') return groups[action](jid, ...numbers);
          return groups.change(jid, action, numbers);
        }),
    },
    {
      method: 'DELETE',
      path: PATH,
      name: 'leaveGroup',
      summary: 'The person leaves the group; from a community, all of its groups',
      ...COMMON,
      run: (input) =>
        orRefused(() => {
          const { groups } = scope.person(input);
          const jid = input.param('group');
          if (groups.info(jid).isCommunity) groups.leaveCommunity(jid);
          else groups.leave(jid);
        }),
    },
  ];
}

function coming(scope: ControlScope): ControlOperation[] {
  return [
    {
      method: 'GET',
      path: `${PATH}/invite`,
      name: 'groupInviteCode',
      summary: 'The code of the invite link, for admins',
      ...COMMON,
      answer: field.object({ code: field.text('What follows https://chat.whatsapp.com/') }, 'The code'),
      run: (input) => orRefused(() => ({ code: scope.person(input).groups.inviteCode(input.param('group')) })),
    },
    {
      method: 'POST',
      path: `${PATH}/invite`,
      name: 'revokeGroupInviteCode',
      summary: 'The person revokes the invite link; the answer is the new code',
      ...COMMON,
      answer: field.object({ code: field.text('What follows https://chat.whatsapp.com/') }, 'The new code'),
      run: (input) => orRefused(() => ({ code: scope.person(input).groups.revokeInviteCode(input.param('group')) })),
    },
    {
      method: 'POST',
      path: '/people/{number}/groups/join',
      name: 'joinGroup',
      summary: 'The person joins by an invite link, or by an invitation that came as a message',
      body: {
        'code?': field.text('What follows https://chat.whatsapp.com/'),
        'index?': field.count('Index of the inbox record with the invitation', 3),
      },
      refusals: REFUSALS,
      answer: field.object(
        { jid: field.text('The address of the group'), waits: field.flag('An admin must approve first', false) },
        'Where the person came to',
      ),
      run: (input) =>
        orRefused(() => {
          const person = scope.person(input);
          const index = input.optionalNumber('index');
          if (index === undefined) return person.groups.join(input.text('code'));
          return { jid: person.groups.acceptInvite(scope.message(person, index)), waits: false };
        }),
    },
    {
      method: 'POST',
      path: `${PATH}/cancel-request`,
      name: 'cancelGroupRequest',
      summary: 'The person takes the request to join back',
      ...COMMON,
      run: (input) => orRefused(() => scope.person(input).groups.cancelRequest(input.param('group'))),
    },
  ];
}

function change(scope: ControlScope, input: ControlInput): unknown {
  const { groups } = scope.person(input);
  const jid = input.param('group');
  const given = <T>(value: T | undefined, set: (value: T) => void): void => {
    if (value !== undefined) set(value);
  };
  given(input.optionalText('subject'), (subject) => groups.setSubject(jid, subject));
  given(input.optionalText('description'), (body) => groups.setDescription(jid, body));
  given(input.flag('announce'), (on) => groups.setAnnounce(jid, on));
  given(input.flag('locked'), (on) => groups.setLocked(jid, on));
  given(input.flag('needsApproval'), (on) => groups.setApproval(jid, on));
  given(input.optionalNumber('disappearingSeconds'), (seconds) => groups.setDisappearing(jid, seconds));
  given(input.file('picture'), ({ bytes }) => groups.setPicture(jid, bytes.length ? bytes : undefined));
  if (input.raw('memberAddMode') !== undefined) {
    groups.setMemberAddMode(jid, input.choice('memberAddMode', ['admin_add', 'all_member_add']));
  }
  return groups.info(jid);
}

/** The numbers of a request. 404 names the first that nobody has. */
export const numbersOf = (input: ControlInput): string[] =>
  input.raw('numbers') === undefined ? [] : input.list('numbers');
