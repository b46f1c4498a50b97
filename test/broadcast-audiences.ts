import { ApiClient } from '#testing';
import { create, get, recipients, sinks, start, state, upload, world } from './broadcast-world.js';

/** Stories of `broadcasts.e2e-spec.ts`, told in its world. */

/** Whom broadcasts are for: files, groups, members. */
export function describeAudiences(): void {
  describe('whom a broadcast is for', () => {
    it('can be the lines of a file, with what they say of each', async () => {
      const [sink] = sinks(1500, 1);
      const uploadId = await upload(
        `Mobile;First name;Voucher\n+${world.ana.number};Ana;V1\n${sink};Bo;V2\n${sink};Bo;V2\n0812 34567890;Cid;V3\nnobody;Dan;V4\n+6281234567890;E\0li;V5\n`,
      );
      const message = { type: 'text', text: '{{first_name}}, your voucher: {{code}}' };
      const file = { uploadId, columns: { Voucher: 'code' } };
      const id = await create({ message, recipients: { type: 'file', file } });
      const names = (await get(id)).recipients.value[0].columns.map((one: { takenAs: string }) => one.takenAs);
      expect(names).toEqual(['phone', 'first_name', 'code']);
      expect((await world.client.post(`/broadcast/${id}/estimate`)).body.data).toMatchObject({
        recipients: 2,
        excluded: 4,
      });
      // The broadcast keeps the file.
      expect((await world.client.delete(`/uploads/${uploadId}`)).status).toBe(200);
      expect((await start(id)).body.data).toMatchObject({ success: true, recipientCount: null });
      expect(await state(id, 'completed')).toMatchObject({ fileLines: 6, listed: 6, stats: { sent: 2, excluded: 4 } });
      await world.ana.expectMessage({ text: 'Ana, your voucher: V1' });
      expect(world.waypost.simulator.findSink(sink!)!.count).toBe(1);
      const left = (await recipients(id, '&status=excluded')).recipients;
      expect(left.map((one: { line: number; reason: string }) => [one.line, one.reason])).toEqual([
        [4, 'repeated'],
        [5, 'phone_without_country'],
        [6, 'invalid_address'],
        [7, 'unreadable_line'],
      ]);
      const draft = { profileId: world.profiles[0], name: 'Offer', message };
      const refused = async (given: object) => {
        const { status, body } = await world.client.post('/broadcast', {
          ...draft,
          recipients: { type: 'file', file: given },
        });
        return [status, body.error.code];
      };
      expect(await refused({ uploadId })).toEqual([404, 'NOT_FOUND']);
      const another = await upload('Name\nAda\n');
      expect(await refused({ uploadId: another })).toEqual([400, 'VALIDATION_ERROR']);
      expect(await refused({ uploadId: another, columns: { Nmae: 'phone' } })).toEqual([400, 'VALIDATION_ERROR']);
      const stranger = await ApiClient.register(world.waypost.api.url);
      const own = (await stranger.client.post('/profiles', { name: 'Theirs' })).body.data.id;
      const body = { ...draft, profileId: own, recipients: { type: 'file', file: { uploadId: another } } };
      expect((await stranger.client.post('/broadcast', body)).status).toBe(404);
    }, 60_000);

    it('can be groups, and the people in them', async () => {
      const ben = world.waypost.simulator.person('15550601003', { name: 'Ben' });
      const participants = [world.ana.number, ben.number];
      const group = (await world.client.post('/groups', { profileId: world.profiles[0], name: 'Bakers', participants }))
        .body.data;
      const text = (words: string) => ({ type: 'text', text: words });
      const value = [group.id];
      const into = await create({
        message: text('To all'),
        recipients: { type: 'groups', value },
        senders: world.profiles,
      });
      const each = await create({ message: text('To each'), recipients: { type: 'members', value } });
      await start(into);
      await start(each);
      await state(into, 'completed');
      expect((await state(each, 'completed')).stats).toMatchObject({ total: 2, sent: 2, excluded: 0 });
      for (const person of [world.ana, ben]) {
        expect((await person.expectMessage({ text: 'To all' })).chat).toBe(group.jid);
        expect((await person.expectMessage({ text: 'To each' })).chat).not.toBe(group.jid);
      }
    }, 60_000);
  });
}

/** What broadcasts say: every kind, variants, values in all words. */
export function describeContents(): void {
  describe('what a broadcast says', () => {
    it('can be tried out in variants; each gets the one that the list says', async () => {
      const people = [1, 2, 3, 4].map((n) => world.waypost.simulator.person(`1555060110${n}`));
      const variants = ['Short', 'Long'].map((name) => ({
        name,
        share: 1,
        message: { type: 'text', text: `${name}!` },
      }));
      const id = await create({ variants, recipients: { type: 'numbers', value: people.map(({ number }) => number) } });
      await start(id);
      await state(id, 'completed');
      for (const { phone, variant } of (await recipients(id)).recipients) {
        const person = people.find(({ number }) => number === phone)!;
        expect([(await person.expectMessage({ contains: '!' })).text, person.inbox().length]).toEqual([
          `${variant}!`,
          1,
        ]);
      }
    }, 60_000);

    it('can be an event, buttons, a list, cards, or a file that was uploaded, with values in all its words', async () => {
      const value = [{ to: world.ana.number, variables: { n: '7', code: 'C7' } }];
      const say = async (message: object) => {
        const id = await create({ message, recipients: { type: 'people', value } });
        await start(id);
        expect((await state(id, 'completed')).stats).toMatchObject({ sent: 1, excluded: 0 });
        const [{ messageId }] = (await recipients(id)).recipients;
        return (await world.client.get(`/messages/${messageId}`)).body.data;
      };
      await say({ type: 'event', name: 'Opening {{n}}', startsAt: '2036-12-01T18:00:00+01:00' });
      const { message } = await world.ana.expectMessage({ kind: 'event' });
      expect(message.eventMessage).toMatchObject({ name: 'Opening 7' });
      const buttons = [{ type: 'copy', title: 'Copy', code: '{{code}}' }];
      const said = await say({ type: 'buttons', text: 'Button {{n}}', buttons, fallback: true });
      expect(said).toMatchObject({ type: 'text', body: expect.stringMatching(/Button 7[\s\S]*C7/) });
      expect((await world.ana.expectMessage({ contains: 'Button 7' })).text).toContain('C7');
      const sections = [{ title: 'Sizes', rows: [{ id: 'a', title: 'Size {{n}}' }] }];
      await say({ type: 'list', text: 'A list', buttonTitle: 'Choose', sections, fallback: true });
      expect((await world.ana.expectMessage({ contains: 'A list' })).text).toContain('Size 7');
      const cards = [{ text: 'Card {{n}}', buttons }];
      await say({ type: 'carousel', text: 'Cards', cards, fallback: true });
      expect((await world.ana.expectMessage({ contains: 'Cards' })).text).toContain('Card 7');
      const uploadId = await upload('Prices');
      await say({ type: 'document', uploadId, filename: 'prices.txt', caption: 'Prices {{n}}' });
      const paper = await world.ana.expectMessage({ contains: 'Prices 7' });
      expect((await paper.downloadMedia()).toString()).toBe('Prices');
      const wrong = {
        profileId: world.profiles[0],
        name: 'Offer',
        recipients: { type: 'people', value },
        message: { type: 'buttons', text: 'x' },
      };
      expect((await world.client.post('/broadcast', wrong)).body.error).toMatchObject({
        code: 'VALIDATION_ERROR',
        fields: [{ path: 'message.buttons' }],
      });
    }, 60_000);
  });
}
