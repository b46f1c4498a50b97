import { PRIVACY_SETTINGS, type PrivacySetting } from '../network/accounts/privacy.js';
import type { RetryAnswer } from '../people/person-files.js';
import { field } from './field.js';
import type { ControlOperation, ControlTopic } from './operation.js';
import { describePerson } from './people-operations.js';
import type { ControlScope } from './scope.js';

const SETTINGS = Object.keys(PRIVACY_SETTINGS) as PrivacySetting[];
const RETRY_ANSWERS = ['upload', 'not-found', 'error', 'silence'] as const satisfies readonly RetryAnswer[];

/** What others see of a person, whom the person lets see it, and what happens to the account as a whole. */
export function accountTopic(scope: ControlScope): ControlTopic {
  return {
    name: 'Accounts',
    about: 'About text, picture, privacy, block list, business, files, history, and a new phone or number.',
    operations: [...profileOperations(scope), ...privacyOperations(scope), ...phoneChanges(scope), ...past(scope)],
  };
}

function profileOperations(scope: ControlScope): ControlOperation[] {
  return [
    {
      method: 'PUT',
      path: '/people/{number}/profile',
      name: 'setProfile',
      summary: 'Changes the about text, the username, or how long new chats keep messages',
      body: {
        'about?': field.text('The about text', 'At the beach'),
        'username?': field.text('The name to be found under', 'ana.k'),
        'disappearingSeconds?': field.count('Default of new chats; 0 for ever', 86_400),
      },
      run: (input) => {
        const { profile } = scope.person(input);
        const about = input.optionalText('about');
        const username = input.optionalText('username');
        const seconds = input.optionalNumber('disappearingSeconds');
        if (about !== undefined) profile.setAbout(about);
        if (username !== undefined) profile.setUsername(username);
        if (seconds !== undefined) profile.setDisappearing(seconds);
      },
    },
    {
      method: 'PUT',
      path: '/people/{number}/picture',
      name: 'setPicture',
      summary: 'Sets the profile picture; without a file, one is drawn',
      body: { 'file?': field.file('The picture') },
      answer: field.object({ id: field.text('Id of the picture') }, 'The picture'),
      run: (input) => ({ id: scope.person(input).profile.setPicture(input.file('file')?.bytes) }),
    },
    {
      method: 'DELETE',
      path: '/people/{number}/picture',
      name: 'removePicture',
      summary: 'Takes the profile picture away',
      run: (input) => scope.person(input).profile.removePicture(),
    },
    {
      method: 'PUT',
      path: '/people/{number}/business',
      name: 'setBusiness',
      summary: 'Makes the account a business and sets what it shows; what is left out stays',
      body: {
        'profile?': field.any('verifiedName, description, address, email, websites, category, hours'),
        'products?': field.any('The catalog: id, name, price in thousandths, currency, isHidden, imageUrls'),
        'collections?': field.any('id, name, productIds'),
        'orders?': field.any('id, token, currency, total, items'),
      },
      answer: field.any('All that the business shows'),
      run: (input) => {
        const { business } = scope.person(input).profile;
        Object.assign(business.profile, input.object('profile'));
        for (const name of ['products', 'collections', 'orders'] as const) {
          if (input.raw(name) !== undefined) Object.assign(business, { [name]: input.list(name) });
        }
        return business;
      },
    },
  ];
}

function privacyOperations(scope: ControlScope): ControlOperation[] {
  return [
    {
      method: 'PUT',
      path: '/people/{number}/privacy',
      name: 'setPrivacy',
      summary: 'Changes one privacy setting; the network keeps to it',
      body: {
        setting: field.choice(SETTINGS, 'Which', 'last'),
        value: field.text('all, contacts, contact_blacklist, none, match_last_seen or known', 'contacts'),
        'except?': field.phones('Whom contact_blacklist leaves out'),
      },
      run: (input) => {
        const except = input.raw('except') === undefined ? [] : input.list<string>('except');
        const setting = input.choice('setting', SETTINGS);
        return scope.orConflict(() => scope.person(input).profile.setPrivacy(setting, input.text('value'), except));
      },
    },
    {
      method: 'PUT',
      path: '/people/{number}/blocked/{other}',
      name: 'block',
      params: { other: field.phone('Whom') },
      summary: 'Blocks somebody: nothing they send arrives any more',
      run: (input) => scope.orConflict(() => scope.person(input).profile.block(input.param('other'))),
    },
    {
      method: 'DELETE',
      path: '/people/{number}/blocked/{other}',
      name: 'unblock',
      params: { other: field.phone('Whom') },
      summary: 'Unblocks somebody',
      run: (input) => scope.orConflict(() => scope.person(input).profile.unblock(input.param('other'))),
    },
    {
      method: 'GET',
      path: '/people/{number}/privacy',
      name: 'privacy',
      summary: 'Every privacy setting, and who is blocked',
      answer: field.any('settings and blocked'),
      run: (input) => {
        const { profile } = scope.person(input);
        const settings = Object.fromEntries(SETTINGS.map((name) => [name, profile.privacy(name)]));
        return { settings, blocked: profile.blocked };
      },
    },
    {
      method: 'POST',
      path: '/people/{number}/tokens',
      name: 'giveToken',
      summary: 'Gives somebody a trusted contact token: their messages are wanted',
      body: { to: field.phone('To whom') },
      run: (input) => scope.orConflict(() => scope.person(input).profile.giveToken(input.text('to'))),
    },
  ];
}

function phoneChanges(scope: ControlScope): ControlOperation[] {
  return [
    {
      method: 'POST',
      path: '/people/{number}/reinstall',
      name: 'reinstall',
      summary: 'Installs WhatsApp again: new keys, linked devices are gone, others hear that the identity changed',
      run: (input) => scope.person(input).reinstall(),
    },
    {
      method: 'PUT',
      path: '/people/{number}/number',
      name: 'changeNumber',
      summary: 'Takes another phone number; the LID and the chats stay, linked devices are gone',
      body: { number: field.phone('The new number', '6281300000099') },
      answer: field.ref('Person'),
      run: (input) => {
        scope.person(input);
        const change = () => scope.simulation.changeNumber(input.param('number'), input.text('number'));
        return scope.orConflict(() => describePerson(change()));
      },
    },
    {
      method: 'POST',
      path: '/people/{number}/dirty',
      name: 'markDirty',
      summary: 'The server tells every client of the account to fetch something anew',
      body: { kind: field.choice(['account_sync', 'groups', 'communities'], 'What') },
      run: (input) =>
        scope.person(input).profile.markDirty(input.choice('kind', ['account_sync', 'groups', 'communities'])),
    },
  ];
}

function past(scope: ControlScope): ControlOperation[] {
  return [
    {
      method: 'POST',
      path: '/people/{number}/history',
      name: 'generateHistory',
      summary: 'Makes up chats from before; clients that are linked later get them as history',
      body: {
        with: field.phones('With whom; people are made when they do not exist'),
        messages: field.count('How many messages in all', 500),
        'days?': field.count('Over how many days; default 120', 120),
        'seed?': field.text('The same seed makes the same chats', 'demo'),
      },
      run: (input) => {
        const options = { days: input.optionalNumber('days'), seed: input.optionalText('seed') };
        return scope.person(input).history.generate({
          with: input.list<string>('with'),
          messages: input.number('messages'),
          ...options,
        });
      },
    },
    {
      method: 'POST',
      path: '/people/{number}/files/expire',
      name: 'expireFile',
      summary: 'The file of a message is gone from the media host: fetching it is answered with 410',
      body: { id: field.text('WhatsApp id of the message', '3EB0C431C26A1916E07A') },
      run: (input) => scope.orConflict(() => scope.person(input).files.expire(input.text('id'))),
    },
    {
      method: 'PUT',
      path: '/people/{number}/files/answer',
      name: 'setFileAnswer',
      summary: 'What the phone does when a client asks for a file again',
      body: { answer: field.choice(RETRY_ANSWERS, 'upload it, say it has none, fail, or say nothing') },
      run: (input) => {
        scope.person(input).files.answer = input.choice('answer', RETRY_ANSWERS);
      },
    },
  ];
}
