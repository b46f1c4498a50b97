import type { Person } from '../people/person.js';
import { field } from './field.js';
import type { ControlInput } from './input.js';
import type { ControlOperation, ControlTopic } from './operation.js';
import { type ControlScope, WAIT_FIELDS } from './scope.js';

const chat = field.text('The number of the other person, or the address of a group', '6281300000002');
const on = { 'on?': field.flag('Default true', true) };

/** What a person sets on the phone for every device of the account, and what companions have set. */
export function settingsTopic(scope: ControlScope): ControlTopic {
  return {
    name: 'Settings',
    about:
      'Synchronised settings: archive, pin, mute, labels, contacts, names. What is changed here reaches every linked client; what a client changes is seen here.',
    operations: [...chatSettings(scope), ...otherSettings(scope), ...views(scope)],
  };
}

function chatSettings(scope: ControlScope): ControlOperation[] {
  const operation = (
    name: string,
    path: string,
    summary: string,
    act: (person: Person, chat: string, input: ControlInput) => Promise<void>,
    body: ControlOperation['body'] = on,
  ): ControlOperation => ({
    method: 'PUT',
    path: `/people/{number}/settings/${path}`,
    name,
    summary,
    body: { chat, ...body },
    run: (input) => scope.orConflict(() => act(scope.person(input), input.text('chat'), input)),
  });
  const isOn = (input: ControlInput): boolean => input.flag('on') ?? true;
  const message = {
    id: field.text('WhatsApp id of the message', '3EB0C431C26A1916E07A'),
    'fromMe?': field.flag('Whether the person sent it; default false', false),
  };
  return [
    operation('archiveChat', 'archive', 'Archives a chat, or takes it back', (person, to, input) =>
      person.settings.archive(to, isOn(input)),
    ),
    operation('pinChat', 'pin', 'Pins a chat to the top', (person, to, input) => person.settings.pin(to, isOn(input))),
    operation('lockChat', 'lock', 'Locks a chat away', (person, to, input) =>
      person.settings.lockChat(to, isOn(input)),
    ),
    operation(
      'muteChat',
      'mute',
      'Mutes a chat, or ends it',
      (person, to, input) =>
        isOn(input) ? person.settings.mute(to, input.optionalNumber('until')) : person.settings.unmute(to),
      { ...on, 'until?': field.number('Milliseconds since 1970; default for ever', 1_900_000_000_000) },
    ),
    operation(
      'markChat',
      'read',
      'Marks a chat as read or unread',
      (person, to, input) =>
        input.flag('read') ? person.settings.markChatRead(to) : person.settings.markChatUnread(to),
      { read: field.flag('True for read, false for unread', false) },
    ),
    operation('clearChat', 'clear', 'Empties a chat', (person, to) => person.settings.clearChat(to), {}),
    operation(
      'deleteChat',
      'delete',
      'Takes a chat out of the list',
      (person, to) => person.settings.deleteChat(to),
      {},
    ),
    operation(
      'starMessage',
      'star',
      'Stars a message, or takes the star away',
      (person, to, input) =>
        person.settings.star(to, { id: input.text('id'), fromMe: input.flag('fromMe') ?? false }, isOn(input)),
      { ...message, ...on },
    ),
    operation(
      'deleteForMe',
      'delete-message',
      'Deletes a message for this account alone',
      (person, to, input) =>
        person.settings.deleteForMe(to, { id: input.text('id'), fromMe: input.flag('fromMe') ?? false }),
      message,
    ),
    operation(
      'labelChat',
      'chat-labels',
      'Puts a label on a chat, or takes it off',
      (person, to, input) => person.settings.labelChat(to, input.text('label'), isOn(input)),
      { label: field.text('Id of the label', '7'), ...on },
    ),
    operation(
      'labelMessage',
      'message-labels',
      'Puts a label on a message, or takes it off',
      (person, to, input) => person.settings.labelMessage(to, input.text('id'), input.text('label'), isOn(input)),
      { id: message.id, label: field.text('Id of the label', '7'), ...on },
    ),
  ];
}

function otherSettings(scope: ControlScope): ControlOperation[] {
  return [
    {
      method: 'PUT',
      path: '/people/{number}/settings/labels',
      name: 'saveLabel',
      summary: 'Makes, renames or removes a label',
      body: {
        id: field.text('Id of the label', '7'),
        'name?': field.text('Its name', 'New customer'),
        'color?': field.count('One of WhatsApp’s colours, 0 to 19', 3),
        'removed?': field.flag('Removes it; default false', false),
      },
      run: (input) => {
        const { settings } = scope.person(input);
        const id = input.text('id');
        if (input.flag('removed')) return settings.removeLabel(id);
        return settings.saveLabel({ id, name: input.text('name'), color: input.optionalNumber('color') });
      },
    },
    {
      method: 'PUT',
      path: '/people/{number}/settings/contacts',
      name: 'saveContacts',
      summary: 'Puts people into the address book; others with "contacts only" privacy show them more',
      body: {
        contacts: field.list(
          field.object({ number: field.phone('Whom'), name: field.text('Under which name', 'Ana') }, 'A contact'),
          'One or many',
        ),
      },
      run: (input) =>
        scope.orConflict(() =>
          scope.person(input).settings.saveContacts(...input.list<{ number: string; name: string }>('contacts')),
        ),
    },
    {
      method: 'DELETE',
      path: '/people/{number}/settings/contacts/{contact}',
      name: 'removeContact',
      params: { contact: field.phone('Whom') },
      summary: 'Takes somebody out of the address book',
      run: (input) => scope.orConflict(() => scope.person(input).settings.removeContact(input.param('contact'))),
    },
    {
      method: 'PUT',
      path: '/people/{number}/settings/account',
      name: 'setAccount',
      summary: 'Changes the push name, the language, the clock or what a new message does to the archive',
      body: {
        'pushName?': field.text('The name that others see', 'Shop'),
        'locale?': field.text('Language and country', 'id_ID'),
        'twentyFourHours?': field.flag('Clock of 24 hours', true),
        'unarchiveChats?': field.flag('A new message takes its chat out of the archive', true),
        'linkPreviews?': field.flag('Whether links are shown with a preview', true),
      },
      run: async (input) => {
        const { settings } = scope.person(input);
        const pushName = input.optionalText('pushName');
        const locale = input.optionalText('locale');
        const twentyFourHours = input.flag('twentyFourHours');
        const unarchiveChats = input.flag('unarchiveChats');
        const linkPreviews = input.flag('linkPreviews');
        if (pushName !== undefined) await settings.setPushName(pushName);
        if (locale !== undefined) await settings.setLocale(locale);
        if (twentyFourHours !== undefined) await settings.setTwentyFourHourTime(twentyFourHours);
        if (unarchiveChats !== undefined) await settings.setUnarchiveChats(unarchiveChats);
        if (linkPreviews !== undefined) await settings.setLinkPreviews(linkPreviews);
      },
    },
  ];
}

function views(scope: ControlScope): ControlOperation[] {
  return [
    {
      method: 'GET',
      path: '/people/{number}/settings',
      name: 'settings',
      summary: 'Labels and contacts of a person, and every setting as the protocol has it',
      answer: field.any('labels, contacts and entries'),
      run: (input) => viewOf(scope.person(input)),
    },
    {
      method: 'GET',
      path: '/people/{number}/settings/chats/{chat}',
      name: 'chatSettings',
      params: { chat },
      summary: 'How a chat stands: archived, pinned, muted, labels…',
      answer: field.any('How it stands', { archived: true, pinned: false, markedUnread: false, labels: ['7'] }),
      run: (input) => scope.orConflict(() => scope.person(input).settings.chat(input.param('chat'))),
    },
    {
      method: 'POST',
      path: '/people/{number}/expect-setting',
      name: 'expectSetting',
      summary: 'Waits until a client has changed a setting of this kind; 408 when none comes in time',
      body: {
        kind: field.text('archive, pin_v1, mute, markChatAsRead, label_jid, contact…', 'archive'),
        ...WAIT_FIELDS,
      },
      answer: field.any('The change'),
      run: (input) =>
        scope.orTimeout(scope.person(input).settings.expectChange(input.text('kind'), scope.waiting(input))),
    },
  ];
}

function viewOf({ settings }: Person) {
  const entries = settings.entries().map(({ index, value }) => ({ index, value }));
  return { labels: settings.labels, contacts: settings.contacts, entries };
}
