import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileTypeFromBuffer } from 'file-type';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import QRCode from 'qrcode';
import sharp from 'sharp';
import { findBrowser, startBrowser } from '#testing';
import { TestBench, type TestClient } from '../test-client.js';

const OWNER = '6281200000001';
const FRIEND = '6281300000002';
const pageFolder = resolve('dist/pages/simulator');

// In CI a missing browser is a failure; elsewhere the specs are skipped, and say so.
const hasBrowser = findBrowser(process.env) !== undefined || process.env.CI !== undefined;
if (!hasBrowser) console.warn('The phone page is NOT tested: there is no Chromium. Install it, or set CHROMIUM.');

(hasBrowser ? describe : describe.skip)('the phone page in a browser', () => {
  const bench = new TestBench();
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  let mistakes: string[];

  beforeAll(async () => {
    if (!existsSync(resolve(pageFolder, 'index.html'))) throw new Error('The page is not built: run `npm run build`.');
    browser = await startBrowser(process.env);
  });

  afterAll(() => browser?.close());

  beforeEach(async () => {
    await bench.start({ pageFolder });
    context = await browser.newContext({ viewport: { width: 1280, height: 800 }, colorScheme: 'light' });
    page = await context.newPage();
    page.setDefaultTimeout(15_000);
    mistakes = [];
    page.on('pageerror', (error) => mistakes.push(error.message));
    page.on('console', (line) => {
      // The browser notes every refusal by itself; the page shows those to people.
      if (line.type() === 'error' && !line.text().startsWith('Failed to load resource')) mistakes.push(line.text());
    });
  });

  afterEach(async () => {
    await context.close();
    await bench.stop();
    expect(mistakes).toEqual([]);
  });

  const open = (hash: string) => page.goto(`${bench.simulator.controlUrl}/#/${hash}`);

  /** A client that waits to be linked, and the text of its QR code. */
  async function waitingClient(): Promise<{ client: TestClient; qr: string }> {
    const client = bench.client();
    client.start();
    const { text } = await client.qrs.wait(() => true, { timeoutMs: 10_000, what: 'QR code' });
    return { client, qr: text };
  }

  const openConnection = (client: TestClient) =>
    client.opens.wait(() => true, { timeoutMs: 20_000, what: 'open connection' });

  it('makes a person and links a client by picking it, by pasting its code and by a picture of it', async () => {
    await open('phones');
    await page.getByText('Nobody is here yet').waitFor();
    await page.getByRole('button', { name: 'New person' }).first().click();
    await page.getByLabel('Phone number').fill('+62 812 0000 0001');
    await page.getByLabel('Name').fill('Kopi Corner');
    await page.getByRole('button', { name: 'Add' }).click();
    await page.getByRole('heading', { name: 'Kopi Corner' }).waitFor();

    const picked = await waitingClient();
    bench.simulator.showQr(picked.qr, 'Profile of the shop');
    await page.getByRole('link', { name: 'Devices' }).click();
    await page.getByText('No linked device').waitFor();
    await page.getByRole('button', { name: 'Link a device' }).click();
    await page.getByRole('listitem').filter({ hasText: 'Profile of the shop' }).getByRole('button').click();
    await openConnection(picked.client);
    await page.getByText('connected', { exact: true }).waitFor();

    const pasted = await waitingClient();
    await page.getByRole('button', { name: 'Link a device' }).click();
    await page.getByRole('tab', { name: 'QR code' }).click();
    await page.getByLabel('Or paste its text').fill(`${pasted.qr.slice(0, 20)}nonsense`);
    await page.getByRole('button', { name: 'Link', exact: true }).click();
    await page.getByRole('alert').filter({ hasText: 'This QR code is not shown by any client' }).waitFor();
    await page.getByLabel('Or paste its text').fill(pasted.qr);
    await page.getByRole('button', { name: 'Link', exact: true }).click();
    await openConnection(pasted.client);
    await page.getByText('Device 2').first().waitFor();

    const pictured = await waitingClient();
    await page.getByRole('button', { name: 'Link a device' }).click();
    await page.getByRole('tab', { name: 'QR code' }).click();
    const picture = await QRCode.toBuffer(pictured.qr, { width: 500 });
    const file = { name: 'code.png', mimeType: 'image/png', buffer: picture };
    await page.getByLabel('Picture of a QR code').setInputFiles(file);
    await openConnection(pictured.client);

    await page.getByRole('button', { name: 'Remove device 2' }).click();
    await page.getByRole('button', { name: 'Log out' }).click();
    expect((await pasted.client.expectEnd()).code).toBe(401);
    await page.getByRole('button', { name: 'Remove device 2' }).waitFor({ state: 'detached' });
  });

  it('links by a pairing code', async () => {
    bench.simulator.person(OWNER, { name: 'Kopi Corner' });
    const { client } = await waitingClient();
    const code = await client.socket.requestPairingCode(OWNER);
    await open(`phones/${OWNER}/devices`);
    await page.getByRole('button', { name: 'Link a device' }).click();
    await page.getByText(`asks for a code for +${OWNER}`).waitFor();
    await page.getByRole('tab', { name: 'Pairing code' }).click();
    await page.getByRole('textbox', { name: 'Pairing code' }).fill(`${code.slice(0, 4)}-${code.slice(4)}`);
    await page.getByRole('button', { name: 'Link', exact: true }).click();
    await openConnection(client);
  });

  it('chats both ways by keyboard, with ticks that turn, reactions, changes and deletions', async () => {
    const friend = bench.simulator.person(FRIEND, { name: 'Ana' });
    const gateway = await bench.linked(OWNER);
    const id = await gateway.sendText(FRIEND, 'Your order is packed.');
    await open(`phones/${FRIEND}/chats`);
    await page.getByRole('link', { name: /Your order is packed/ }).click();
    await page.getByRole('log').getByText('Your order is packed.').waitFor();
    // What is shown is read, as on a phone.
    await gateway.expectStatus(id, 4);

    await page.getByLabel('Message', { exact: true }).focus();
    await page.keyboard.type('Thank you!');
    await page.keyboard.press('Enter');
    const { message } = await gateway.expectText('Thank you!');
    const mine = page.getByRole('article').filter({ hasText: 'Thank you!' });
    await mine.getByText('Delivered').waitFor();
    await gateway.socket.readMessages([message.key]);
    await mine.getByText('Read', { exact: true }).waitFor();

    await gateway.socket.sendPresenceUpdate('composing', `${FRIEND}@s.whatsapp.net`);
    await page.getByText('is typing…').first().waitFor();

    const theirs = page.getByRole('article').filter({ hasText: 'Your order is packed.' });
    await theirs.getByRole('button', { name: 'React' }).click();
    await page.getByRole('button', { name: 'React with ❤️' }).click();
    await theirs.getByRole('list', { name: 'Reactions' }).getByText('❤️').waitFor();
    await gateway.expectMessage(({ message: content }) => content?.reactionMessage?.text === '❤️');

    await theirs.getByRole('button', { name: 'More' }).click();
    await page.getByRole('menuitem', { name: 'Reply' }).click();
    await page.keyboard.type('Which one?');
    await page.keyboard.press('Enter');
    const reply = await gateway.expectText('Which one?');
    expect(reply.message.message?.extendedTextMessage?.contextInfo?.stanzaId).toBe(id);

    await mine.getByRole('button', { name: 'More' }).click();
    await page.getByRole('menuitem', { name: 'Edit' }).click();
    await page.keyboard.press('Control+A');
    await page.keyboard.type('Thanks a lot!');
    await page.keyboard.press('Enter');
    const edited = page.getByRole('article').filter({ hasText: 'Thanks a lot!' });
    await edited.getByText('edited').waitFor();
    await edited.getByRole('button', { name: 'More' }).click();
    await page.getByRole('menuitem', { name: 'Delete for everyone' }).click();
    await page.getByText('You deleted this').waitFor();

    await friend.phone.idle();
    await bench.simulator.settle();
    bench.simulator.assertHealthy();
  });

  it('sends a picture and a voice message, and votes', async () => {
    bench.simulator.person(FRIEND, { name: 'Ana' });
    const gateway = await bench.linked(OWNER);
    await open(`phones/${FRIEND}/chats/${OWNER}`);
    const picture = await sharp({ create: { width: 320, height: 200, channels: 3, background: '#c86b4a' } })
      .jpeg()
      .toBuffer();
    await page.getByLabel('File to send').setInputFiles({ name: 'cup.jpg', mimeType: 'image/jpeg', buffer: picture });
    await page.getByLabel('Caption').fill('Like this');
    await page.getByRole('button', { name: 'Send' }).click();
    const { message } = await gateway.expectMessage(({ message: content }) => Boolean(content?.imageMessage));
    expect(message.message?.imageMessage).toMatchObject({ caption: 'Like this', mimetype: 'image/jpeg' });
    const image = page.getByRole('log').getByRole('img', { name: 'Like this' });
    await image.waitFor();
    expect(await image.evaluate((element) => (element as unknown as { naturalWidth: number }).naturalWidth)).toBe(320);

    await page.getByRole('button', { name: 'Record a voice message' }).click();
    await page.getByText('0:01').waitFor();
    await page.getByRole('button', { name: 'Send the voice message' }).click();
    const voice = await gateway.expectMessage(({ message: content }) => Boolean(content?.audioMessage));
    expect(voice.message.message?.audioMessage).toMatchObject({
      ptt: true,
      seconds: 1,
      mimetype: 'audio/ogg; codecs=opus',
    });
    const sound = await bench.simulator.person(OWNER).expectMessage({ kind: 'audio' });
    expect((await fileTypeFromBuffer(await sound.downloadMedia()))?.mime).toBe('audio/ogg; codecs=opus');

    await gateway.socket.sendMessage(`${FRIEND}@s.whatsapp.net`, {
      poll: { name: 'Which beans?', values: ['Toraja', 'Gayo'], selectableCount: 1 },
    });
    await page.getByRole('checkbox', { name: /Toraja/ }).check();
    await gateway.expectMessage(({ message: content }) => Boolean(content?.pollUpdateMessage));
    await page.getByRole('checkbox', { name: /Gayo/ }).check();
    await expect(page.getByRole('checkbox', { name: /Toraja/ }).isChecked()).resolves.toBe(false);

    await open(`phones/${OWNER}/chats/${FRIEND}`);
    await page.getByRole('group', { name: 'Which beans?' }).getByTitle('Ana').waitFor();
  });

  it('makes a group, writes in it and leaves it', async () => {
    const friend = bench.simulator.person(FRIEND, { name: 'Ana' });
    const gateway = await bench.linked(OWNER);
    await open(`phones/${FRIEND}/chats`);
    await page.getByRole('button', { name: 'New chat' }).click();
    await page.getByRole('button', { name: 'New group' }).click();
    await page.getByLabel('Subject').fill('Coffee lovers');
    await page.getByRole('button', { name: new RegExp(OWNER) }).click();
    await page.getByRole('button', { name: 'Make a group of 2 people' }).click();
    await page.getByLabel('Message', { exact: true }).fill('Toraja tomorrow?');
    await page.keyboard.press('Enter');
    const { message } = await gateway.expectText('Toraja tomorrow?');
    expect(message.key.remoteJid).toMatch(/@g\.us$/);
    await gateway.socket.sendMessage(message.key.remoteJid ?? '', { text: 'With pleasure' });
    await page.getByRole('log').getByText('With pleasure').waitFor();

    await page.getByRole('button', { name: 'Members' }).click();
    await page.getByRole('list', { name: 'Members' }).getByText('Ana (this phone)').waitFor();
    await page.getByRole('button', { name: 'Leave', exact: true }).click();
    await page.getByText('Ana can no longer write here.').waitFor();
    await friend.phone.idle();
  });

  it('shows the stanzas, lets them be filtered and paused, and what is in one', async () => {
    bench.simulator.person(FRIEND, { name: 'Ana' });
    const gateway = await bench.linked(OWNER);
    await open('stanzas');
    await gateway.sendText(FRIEND, 'on the wire');
    await page.getByLabel('Filter').fill(`message text in ${OWNER}`);
    const line = page.getByRole('button').filter({ hasText: 'participants' }).first();
    await line.click();
    const detail = page.getByRole('complementary', { name: /^Stanza/ });
    await detail.getByText('<participants>').waitFor();
    await detail.getByText('on the wire').waitFor();
    await page.getByRole('button', { name: 'Pause' }).click();
    await page.getByRole('button', { name: 'Go on' }).waitFor();
  });

  it('makes trouble and takes the network away', async () => {
    const friend = bench.simulator.person(FRIEND, { name: 'Ana' });
    const gateway = await bench.linked(OWNER);
    await open(`phones/${OWNER}/faults`);
    await page.getByLabel('End it with a code').selectOption('503');
    await page.getByRole('button', { name: 'End', exact: true }).click();
    expect((await gateway.expectEnd()).code).toBe(503);
    await page.getByRole('button', { name: 'Delay' }).click();
    await page.getByText('Acknowledgements come 3 s late.').waitFor();
    await page.getByRole('button', { name: 'End all trouble' }).click();
    await page.getByText('Acknowledgements come 3 s late.').waitFor({ state: 'detached' });

    await open(`phones/${FRIEND}/behaviour`);
    await page.getByLabel('Reads everything').click();
    await page.getByLabel('After so many seconds').waitFor();
    expect(friend.habits.read).toEqual({ afterMs: 1_000 });
    await page.getByRole('button', { name: 'Online' }).click();
    await page.getByRole('button', { name: 'Offline' }).waitFor();
    expect(friend.isOnline).toBe(false);
  });

  it.each([
    { width: 360, height: 740, colorScheme: 'light' as const },
    { width: 360, height: 740, colorScheme: 'dark' as const },
    { width: 1280, height: 800, colorScheme: 'dark' as const },
  ])('fits a screen of $width in $colorScheme', async ({ width, height, colorScheme }) => {
    const friend = bench.simulator.person(FRIEND, { name: 'Ana' });
    bench.simulator.person(OWNER, { name: 'Kopi Corner' });
    const long =
      'A long line with https://example.com/a-very-long-address-that-has-no-place-to-break?x=1234567890123456';
    await friend.sendText(OWNER, long);
    await page.setViewportSize({ width, height });
    await page.emulateMedia({ colorScheme });
    for (const [hash, shown] of [
      ['phones', 'Kopi Corner'],
      [`phones/${FRIEND}/chats`, 'A long line'],
      [`phones/${FRIEND}/chats/${OWNER}`, 'A long line'],
      [`phones/${OWNER}/devices`, 'No linked device'],
      [`phones/${OWNER}/behaviour`, 'Reads everything'],
      [`phones/${OWNER}/faults`, 'Stall it'],
      ['stanzas', 'Silence on the wire'],
      ['network', 'Root key'],
    ] as const) {
      await open(hash);
      await page.getByText(shown).filter({ visible: true }).first().waitFor();
      const overflow = await page.evaluate('document.documentElement.scrollWidth - window.innerWidth');
      expect({ hash, overflow }).toEqual({ hash, overflow: 0 });
    }
    expect(await page.evaluate('document.documentElement.dataset.theme')).toBe(colorScheme);
  });

  it('says when the simulator is gone', async () => {
    await open('phones');
    await page.getByText('Nobody is here yet').waitFor();
    const { port } = new URL(bench.simulator.controlUrl);
    await bench.simulator.stop();
    await page.getByText('The simulator does not answer').first().waitFor();
    await bench.start({ pageFolder, controlPort: Number(port) });
    bench.simulator.person(FRIEND, { name: 'Ana' });
    await page.getByRole('link', { name: /Ana/ }).waitFor();
    mistakes = [];
  });
});
