import { field } from './field.js';
import { numbersOf } from './group-operations.js';
import type { ControlOperation, ControlTopic } from './operation.js';
import { GROUP, orRefused, REFUSALS } from './room-shapes.js';
import type { ControlScope } from './scope.js';

const PATH = '/people/{number}/communities/{community}';
const COMMON = {
  params: { community: field.text('The address of the community', '120363001234567891@g.us') },
  refusals: REFUSALS,
};
const ACTIONS = ['link', 'unlink', 'join'] as const;

/** What people do with communities. */
export function communityTopic(scope: ControlScope): ControlTopic {
  return {
    name: 'Communities',
    about:
      'A community is a group that holds groups. Its announcement group has every member; settings, people and invite links are those of its group.',
    operations: communityOperations(scope),
  };
}

function communityOperations(scope: ControlScope): ControlOperation[] {
  return [
    {
      method: 'POST',
      path: '/people/{number}/communities',
      name: 'createCommunity',
      summary: 'The person makes a community with its announcement group',
      body: {
        subject: field.text('Its name', 'Village'),
        'description?': field.text('What it is', 'All who live here'),
        'numbers?': field.phones('Who is in it from the beginning'),
        'membersMayAddGroups?': field.flag('Members may add groups too', false),
        'generalChat?': field.flag('With a general chat', false),
      },
      answer: GROUP,
      refusals: REFUSALS,
      run: (input) =>
        orRefused(() =>
          scope.person(input).groups.createCommunity(input.text('subject'), {
            description: input.optionalText('description'),
            numbers: numbersOf(input),
            membersMayAddGroups: input.flag('membersMayAddGroups'),
            generalChat: input.flag('generalChat'),
          }),
        ),
    },
    {
      method: 'GET',
      path: `${PATH}/groups`,
      name: 'communityGroups',
      summary: 'The announcement group and the linked groups',
      ...COMMON,
      answer: field.list(GROUP, 'All of them'),
      run: (input) => orRefused(() => scope.person(input).groups.groupsIn(input.param('community'))),
    },
    {
      method: 'POST',
      path: `${PATH}/groups`,
      name: 'createCommunityGroup',
      summary: 'The person makes a group in the community',
      ...COMMON,
      body: { subject: field.text('Its name', 'Choir'), 'numbers?': field.phones('Whom to add') },
      answer: GROUP,
      run: (input) =>
        orRefused(() =>
          scope.person(input).groups.createGroupIn(input.param('community'), input.text('subject'), numbersOf(input)),
        ),
    },
    {
      method: 'PUT',
      path: `${PATH}/groups/{group}`,
      name: 'changeCommunityGroup',
      summary: 'The person links a group to the community, takes it out, or comes into it',
      ...COMMON,
      params: { ...COMMON.params, group: field.text('The address of the group', '120363001234567890@g.us') },
      body: { action: field.choice(ACTIONS, 'What to do') },
      answer: field.object({ waits: field.flag('An admin must approve first', false) }, 'What became of it'),
      run: (input) =>
        orRefused(() => {
          const { groups } = scope.person(input);
          const [community, group] = [input.param('community'), input.param('group')];
          const action = input.choice('action', ACTIONS);
          if (action === 'join') return groups.joinGroupIn(community, group);
          groups[action](community, group);
          return { waits: false };
        }),
    },
    {
      method: 'DELETE',
      path: PATH,
      name: 'deactivateCommunity',
      summary: 'The person ends the community; its groups stay for themselves',
      ...COMMON,
      run: (input) => orRefused(() => scope.person(input).groups.deactivate(input.param('community'))),
    },
  ];
}
