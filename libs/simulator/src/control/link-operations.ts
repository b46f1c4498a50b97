import { field } from './field.js';
import type { ControlInput } from './input.js';
import type { ControlTopic } from './operation.js';
import type { ControlScope } from './scope.js';

const NAME = { 'name?': field.text('The push name of the account', 'Owner') };

/** How clients become linked devices of an account, and cease to be. */
export function linkTopic(scope: ControlScope): ControlTopic {
  const { simulation } = scope;
  const options = (input: ControlInput) => ({ name: input.optionalText('name') });
  return {
    name: 'Linking',
    about: 'A client becomes a linked device of an account when its owner scans its QR code or types its pairing code.',
    operations: [
      {
        method: 'GET',
        path: '/waiting',
        name: 'waitingClients',
        summary: 'The clients that are connected and wait to be linked',
        answer: field.listOf('WaitingClient'),
        run: () => simulation.waitingClients,
      },
      {
        method: 'POST',
        path: '/waiting',
        name: 'showQr',
        summary: 'Shows the QR code of a client to every phone, so that it can be scanned by picking it',
        details:
          'The network cannot read the code of a client by itself: it holds a secret that never crosses the wire. A client that displays a code shows it here too, again for each new one.',
        body: {
          qr: field.text('The text of the QR code', 'https://wa.me/settings/linked_devices#2@…'),
          'label?': field.text('What a person knows it by', 'Shop'),
        },
        refusals: { 409: 'No connected client shows this code' },
        run: (input) => scope.orConflict(() => simulation.showQr(input.text('qr'), input.optionalText('label'))),
      },
      {
        method: 'POST',
        path: '/people/{number}/scan-waiting',
        name: 'scanWaiting',
        summary: 'The person scans the code of a client that waits and whose code was shown',
        body: { id: field.count('Its id among those that wait', 1), ...NAME },
        answer: field.ref('LinkedDevice'),
        refusals: { 409: 'No such client waits, or its code was not shown' },
        run: (input) =>
          scope.orConflict(() => simulation.scanWaiting(input.number('id'), input.param('number'), options(input))),
      },
      {
        method: 'POST',
        path: '/people/{number}/scan',
        name: 'scanQr',
        summary: 'The person scans the QR code that a client shows; answers when the client is linked',
        body: { qr: field.text('The text of the QR code', 'https://wa.me/settings/linked_devices#2@…'), ...NAME },
        answer: field.ref('LinkedDevice'),
        refusals: { 409: 'No connected client shows this code, or it is not its own' },
        run: (input) =>
          scope.orConflict(() => simulation.scanQr(input.text('qr'), input.param('number'), options(input))),
      },
      {
        method: 'POST',
        path: '/people/{number}/code',
        name: 'enterPairingCode',
        summary: 'The person types the pairing code that a client shows; answers when the client is linked',
        body: { code: field.text('Eight characters; dashes and spaces do not matter', 'ABCD-1234'), ...NAME },
        answer: field.ref('LinkedDevice'),
        refusals: { 409: 'The code is wrong, or no client has asked for one for this number' },
        run: (input) =>
          scope.orConflict(() =>
            simulation.enterPairingCode(input.param('number'), input.text('code'), options(input)),
          ),
      },
      {
        method: 'DELETE',
        path: '/people/{number}/devices/{device}',
        name: 'unlink',
        summary: 'The person removes a linked device on the phone; its connection ends with 401',
        refusals: { 409: 'There is no such device' },
        run: (input) => scope.orConflict(() => simulation.unlink(input.param('number'), input.paramNumber('device'))),
      },
    ],
  };
}
