import { field } from './field.js';
import { ControlError, type ControlInput } from './input.js';
import type { ControlOperation, ControlTopic } from './operation.js';
import { type ControlScope, WAIT_FIELDS } from './scope.js';

/** Calling people, and being called. */
export function callTopic(scope: ControlScope): ControlTopic {
  const act = (name: 'accept' | 'reject' | 'hangUp', path: string, summary: string): ControlOperation => ({
    method: 'POST',
    path: `/people/{number}/calls/{call}/${path}`,
    name: `${name}Call`,
    summary,
    params: { call: field.text('Id of the call') },
    answer: field.object(
      { id: field.text('Id of the call'), state: field.text('How it stands now', 'accepted') },
      'The call',
    ),
    run: (input: ControlInput) => {
      const { calls } = scope.person(input);
      const id = input.param('call');
      if (!calls.stateOf(id)) throw new ControlError(404, `there is no call ${id}`);
      calls[name](id);
      return { id, state: calls.stateOf(id) };
    },
  });
  return {
    name: 'Calls',
    about: 'Offers, answers and ends of calls. No sound or picture is carried.',
    operations: [
      {
        method: 'POST',
        path: '/people/{number}/calls',
        name: 'ring',
        summary: 'Calls somebody, or members of a group; their devices ring for 45 seconds',
        body: {
          'to?': field.phone('Whom', '6281200000001'),
          'group?': field.text('Address of a group', '120363000000000001@g.us'),
          'members?': field.phones('Which of its members'),
          'video?': field.flag('Default false', false),
        },
        answer: field.object({ id: field.text('Id of the call') }, 'The call'),
        run: (input) => {
          const { calls } = scope.person(input);
          const video = input.flag('video') ?? false;
          const group = input.optionalText('group');
          return scope.orConflict(() => {
            const members = group ? input.list<string>('members') : [];
            return { id: group ? calls.ringGroup(group, members, { video }) : calls.ring(input.text('to'), { video }) };
          });
        },
      },
      {
        method: 'GET',
        path: '/people/{number}/calls',
        name: 'calls',
        summary: 'What the phone heard about calls, oldest first',
        query: { after: field.count('Only those with a higher index', 0) },
        answer: field.any('A list of what was heard'),
        run: (input) => scope.person(input).calls.heard.list(input.queryNumber('after')),
      },
      act('accept', 'accept', 'Answers a call'),
      act('reject', 'reject', 'Rejects a call'),
      act('hangUp', 'hang-up', 'Ends a call, or stops ringing'),
      {
        method: 'POST',
        path: '/people/{number}/expect-call',
        name: 'expectCall',
        summary: 'Waits until the phone hears something about a call; 408 when it does not in time',
        body: { what: field.text('offer, accept, reject, terminate…', 'offer'), ...WAIT_FIELDS },
        answer: field.any('What was heard'),
        run: (input) => scope.orTimeout(scope.person(input).calls.expect(input.text('what'), scope.waiting(input))),
      },
    ],
  };
}
