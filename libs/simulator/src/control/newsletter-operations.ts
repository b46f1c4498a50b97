import { field } from './field.js';
import type { ControlOperation, ControlTopic } from './operation.js';
import { NEWSLETTER, NEWSLETTER_PARAMS, orRefused, REFUSALS } from './room-shapes.js';
import type { ControlScope } from './scope.js';

const PATH = '/people/{number}/newsletters/{newsletter}';
const COMMON = { params: NEWSLETTER_PARAMS, refusals: REFUSALS };

/** What people do with newsletters, which the app calls channels. */
export function newsletterTopic(scope: ControlScope): ControlTopic {
  return {
    name: 'Newsletters',
    about:
      'What a person does with newsletters, which the app calls channels: makes them, follows them, posts, reacts.',
    operations: [...keeping(scope), ...reading(scope)],
  };
}

function keeping(scope: ControlScope): ControlOperation[] {
  return [
    {
      method: 'GET',
      path: '/people/{number}/newsletters',
      name: 'newsletters',
      summary: 'The newsletters that the person follows or owns',
      answer: field.list(NEWSLETTER, 'All of them'),
      run: (input) => scope.person(input).newsletters.list(),
    },
    {
      method: 'POST',
      path: '/people/{number}/newsletters',
      name: 'createNewsletter',
      summary: 'The person makes a newsletter',
      body: { name: field.text('Its name', 'News'), 'description?': field.text('What it is about', 'of the day') },
      answer: NEWSLETTER,
      refusals: REFUSALS,
      run: (input) =>
        orRefused(() => scope.person(input).newsletters.create(input.text('name'), input.optionalText('description'))),
    },
    {
      method: 'PUT',
      path: PATH,
      name: 'changeNewsletter',
      summary: 'The person changes the newsletter; only what is given changes',
      ...COMMON,
      body: {
        'name?': field.text('Its name', 'Newer news'),
        'description?': field.text('What it is about', 'of the hour'),
        'picture?': field.file('Its picture, a JPEG; empty to take it away'),
      },
      answer: NEWSLETTER,
      run: (input) =>
        orRefused(() => {
          const picture = input.file('picture')?.bytes;
          return scope.person(input).newsletters.update(input.param('newsletter'), {
            name: input.optionalText('name'),
            description: input.optionalText('description'),
            picture: picture?.length === 0 ? null : picture,
          });
        }),
    },
    {
      method: 'PUT',
      path: `${PATH}/admins/{admin}`,
      name: 'setNewsletterAdmin',
      summary: 'The owner makes a follower an admin, or takes that back',
      ...COMMON,
      params: { ...NEWSLETTER_PARAMS, admin: field.phone('The follower') },
      body: { admin: field.flag('True to make one', true) },
      run: (input) =>
        orRefused(() =>
          scope
            .person(input)
            .newsletters.setAdmin(input.param('newsletter'), input.param('admin'), input.flag('admin') ?? true),
        ),
    },
    {
      method: 'DELETE',
      path: PATH,
      name: 'deleteNewsletter',
      summary: 'The owner deletes the newsletter',
      ...COMMON,
      run: (input) => orRefused(() => scope.person(input).newsletters.delete(input.param('newsletter'))),
    },
  ];
}

function reading(scope: ControlScope): ControlOperation[] {
  return [
    {
      method: 'GET',
      path: PATH,
      name: 'newsletter',
      summary: 'One newsletter with its posts',
      ...COMMON,
      answer: NEWSLETTER,
      run: (input) => orRefused(() => scope.person(input).newsletters.info(input.param('newsletter'))),
    },
    {
      method: 'PUT',
      path: `${PATH}/following`,
      name: 'followNewsletter',
      summary: 'The person follows, mutes or leaves the newsletter',
      ...COMMON,
      body: {
        following: field.flag('False to leave', true),
        'muted?': field.flag('Without notices of new posts', false),
      },
      answer: NEWSLETTER,
      run: (input) =>
        orRefused(() => {
          const { newsletters } = scope.person(input);
          const { jid } = newsletters.info(input.param('newsletter'));
          if (input.flag('following') === false) newsletters.unfollow(jid);
          else newsletters.follow(jid);
          const muted = input.flag('muted');
          if (muted !== undefined) newsletters.mute(jid, muted);
          return newsletters.info(jid);
        }),
    },
    {
      method: 'POST',
      path: `${PATH}/posts`,
      name: 'postInNewsletter',
      summary: 'The person writes a post',
      ...COMMON,
      body: { text: field.text('The text', 'extra, extra') },
      answer: field.ref('Sent'),
      run: (input) =>
        orRefused(async () => ({
          id: await scope.person(input).newsletters.post(input.param('newsletter'), input.text('text')),
        })),
    },
    {
      method: 'POST',
      path: `${PATH}/posts/{post}`,
      name: 'lookAtPost',
      summary: 'The person looks at a post, and reacts to it if an emoji is given',
      ...COMMON,
      params: { ...NEWSLETTER_PARAMS, post: field.count('Its place in the newsletter, from 1', 1) },
      body: { 'emoji?': field.text('Empty to take the reaction back', '❤️') },
      run: (input) =>
        orRefused(() => {
          const { newsletters } = scope.person(input);
          const [jid, place] = [input.param('newsletter'), input.paramNumber('post')];
          newsletters.look(jid, place);
          const emoji = input.optionalText('emoji');
          if (emoji !== undefined) newsletters.react(jid, place, emoji);
        }),
    },
  ];
}
