import type { BinaryNode } from '@whiskeysockets/baileys';
import { callFact } from './calls.js';

const call = (tag: string, attrs: Record<string, string> = {}, content?: BinaryNode[]): BinaryNode => ({
  tag: 'call',
  attrs: { from: '900@lid', t: '1777636800', id: 'S1' },
  content: [{ tag, attrs: { 'call-id': 'C1', 'call-creator': '900@lid', ...attrs }, content }],
});

describe('what a call stanza says', () => {
  it('an offer: who calls, whom, and how', () => {
    expect(callFact(call('offer', { caller_pn: '15550001111@s.whatsapp.net' }, [{ tag: 'video', attrs: {} }]))).toEqual(
      {
        type: 'call',
        at: new Date(1_777_636_800_000),
        source: 'notification',
        callId: 'C1',
        from: { phone: '15550001111', lid: '900' },
        groupId: null,
        isVideo: true,
        state: 'ringing',
        reason: null,
      },
    );
    expect(callFact(call('offer', { 'group-jid': '120363000000000001@g.us' }))).toMatchObject({
      groupId: '120363000000000001',
      isVideo: false,
    });
    expect(callFact(call('offer_notice', { media: 'video', type: 'group' }))).toMatchObject({
      state: 'ringing',
      isVideo: true,
    });
  });

  it.each([
    ['accept', {}, 'accepted'],
    ['reject', {}, 'rejected'],
    ['terminate', { reason: 'accepted_elsewhere' }, 'accepted'],
    ['terminate', { reason: 'rejected_elsewhere' }, 'rejected'],
    ['terminate', { reason: 'timeout' }, 'missed'],
    ['terminate', { reason: 'hangup' }, 'ended'],
    ['terminate', {}, 'ended'],
  ])('%s %j: %s', (tag, attrs, state) => {
    expect(callFact(call(tag, attrs as Record<string, string>))).toMatchObject({ state });
  });

  it('nothing of what belongs to the sound of a call, or has no call', () => {
    for (const tag of ['transport', 'relaylatency', 'mute_v2', 'preaccept']) expect(callFact(call(tag))).toBeNull();
    expect(callFact({ tag: 'call', attrs: { from: '900@lid' }, content: [{ tag: 'offer', attrs: {} }] })).toBeNull();
    expect(callFact({ tag: 'call', attrs: {} })).toBeNull();
  });
});
