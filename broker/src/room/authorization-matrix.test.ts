import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ClientMessage, Grants, LiveTrack, PublishGrant, RoomTokenClaims } from '#protocol';
import { Member, cleanUp } from '../testing/client.ts';
import { FakeSfu } from '../testing/fake-sfu.ts';
import { buildSdp } from '../testing/sdp.ts';
import { receiveFrame } from './receive-frame.ts';
import { Room } from './room.ts';

type Right = PublishGrant | 'subscribe' | 'chat' | 'moderate';
const RIGHTS: readonly Right[] = ['audio', 'video', 'screen', 'subscribe', 'chat', 'moderate'];
const SOURCES: readonly PublishGrant[] = ['audio', 'video', 'screen'];
const T0 = 1_800_000_000_000;

/** Nothing, everything, each right alone, and everything but each. */
const CALLERS: readonly (readonly [name: string, rights: readonly Right[]])[] = [
  ['nothing', []],
  ['everything', RIGHTS],
  ...RIGHTS.map((right) => [`only ${right}`, [right]] as const),
  ...RIGHTS.map((right) => [`all but ${right}`, RIGHTS.filter((other) => other !== right)] as const),
];

function toGrants(rights: readonly Right[]): Grants {
  const has = (right: Right) => rights.includes(right);
  return { publish: SOURCES.filter(has), subscribe: has('subscribe'), chat: has('chat'), moderate: has('moderate') };
}

const HANDLE = 'a'.repeat(32);
const announce = (source: LiveTrack['source'], trackName: string): ClientMessage => {
  return { type: 'tracks', sessionId: HANDLE, tracks: [{ trackName, source, muted: false, rids: [] }] };
};

/** What a frame needs; nothing where anybody in the room may. */
const FRAMES: readonly (readonly [name: string, needs: Right | undefined, frame: ClientMessage])[] = [
  ['hello', undefined, { type: 'hello', protocol: 1, epoch: '', rev: 0 }],
  ['own hand', undefined, { type: 'hand', raised: true }],
  ['layers', undefined, { type: 'layers', layers: [{ id: 'id-bob', rid: 'a' }] }],
  ['leave', undefined, { type: 'leave', mayReturn: false }],
  ['announce a microphone', 'audio', announce('microphone', 'mic')],
  ['announce a camera', 'video', announce('camera', 'cam')],
  ['announce a screen', 'screen', announce('screen', 'cam')],
  ['announce a screen’s sound', 'screen', announce('screen-audio', 'mic')],
  ['chat', 'chat', { type: 'chat', key: 'k', text: 'hi' }],
  ['chat to one', 'chat', { type: 'chat', key: 'k', text: 'hi', to: 'id-bob' }],
  ['react', 'chat', { type: 'react', emoji: '👍' }],
  ['lower a hand', 'moderate', { type: 'hand', raised: false, id: 'id-bob' }],
  ['remove', 'moderate', { type: 'remove', id: 'id-bob' }],
  ['mute one', 'moderate', { type: 'mute', id: 'id-bob', source: 'microphone' }],
  ['mute all', 'moderate', { type: 'mute', source: 'camera' }],
  ['admit one', 'moderate', { type: 'admit', id: 'id-eve' }],
  ['admit all', 'moderate', { type: 'admit' }],
  ['refuse', 'moderate', { type: 'refuse', id: 'id-eve' }],
  ['lock', 'moderate', { type: 'lock', locked: true }],
  ['grant another', 'moderate', { type: 'grant', id: 'id-bob', grants: toGrants(['chat']) }],
  ['grant oneself', 'moderate', { type: 'grant', id: 'id-ann', grants: toGrants(RIGHTS) }],
  ['end', 'moderate', { type: 'end' }],
];

/** Ann with these rights, Bob with a raised hand, Eve who waits. */
function roomWith(rights: readonly Right[]): Room {
  const names = ['epoch', 'id-ann', 'id-bob', 'id-eve'];
  const room = new Room(() => names.shift() ?? 'more');
  const come = (sub: string, grants: Grants, lobby = false) => {
    const claims: RoomTokenClaims = { room: 'r', sub, iat: 0, exp: 0, role: 'guest', grants, lobby, limits: {} };
    const joined = room.join({ claims, name: sub, secretHash: sub, ticketHash: sub }, T0);
    room.openSocket(sub, `socket-${sub}`, T0);
    if (!joined.ok) throw new Error(joined.errorCode);
    return joined;
  };
  const { ref } = come('ann', toGrants(rights));
  const published = [
    { trackName: 'mic', mid: '0', kind: 'audio', state: 'open' },
    { trackName: 'cam', mid: '1', kind: 'video', state: 'open' },
  ] as const;
  room.commit(ref, [{ handle: HANDLE, sfuId: 'sfu', published, pulled: [] }], T0);
  come('bob', toGrants(RIGHTS.filter((right) => right !== 'moderate')));
  come('eve', toGrants(RIGHTS.filter((right) => right !== 'moderate')), true);
  receiveFrame(room, 'socket-bob', JSON.stringify({ type: 'hand', raised: true }), T0);
  room.takeEffects();
  return room;
}

describe.each(CALLERS)('MO1 A17 A3 with %s granted', (_caller, rights) => {
  it.each(FRAMES)('MO1 A17 A3 %s', (_name, needs, frame) => {
    const room = roomWith(rights);
    const before = structuredClone(room.state);
    receiveFrame(room, 'socket-ann', JSON.stringify(frame), T0 + 1);
    const effects = room.takeEffects();
    const refusals = effects.filter((effect) => effect.type === 'send' && effect.message.type === 'error');
    if (needs === undefined || rights.includes(needs)) {
      expect(refusals).toEqual([]);
      expect(effects.length).toBeGreaterThan(0);
    } else {
      expect(refusals).toMatchObject([{ connectionId: 'socket-ann', message: { errorCode: 'forbidden' } }]);
      expect(effects).toHaveLength(1);
      expect(room.state).toEqual(before);
    }
  });
});

describe('the calls to the SFU', () => {
  let sfu: FakeSfu;
  beforeEach(() => {
    sfu = FakeSfu.install();
    vi.spyOn(console, 'log').mockImplementation(() => undefined);
  });
  afterEach(() => cleanUp());

  const offer = (...kinds: ('audio' | 'video')[]) => ({
    sessionDescription: {
      type: 'offer' as const,
      sdp: buildSdp(kinds.map((kind, index) => ({ kind, mid: `${index}`, direction: 'sendonly' as const }))),
    },
    tracks: kinds.map((kind, index) => ({
      location: 'local' as const,
      mid: `${index}`,
      trackName: `${kind}-${index}`,
    })),
  });
  const may = (rights: readonly Right[], ...any: Right[]) => any.some((right) => rights.includes(right));

  // The other two rights have nothing to do with media.
  const callers = CALLERS.filter(([name]) => !/(chat|moderate)$/.test(name));
  it.each(callers)('SF5 SF7 A3 A4 with %s granted', async (_caller, rights) => {
    const bob = await Member.live({ sub: 'bob' });
    const ann = await Member.join({ role: undefined, grants: toGrants(rights) });
    const track = { location: 'remote', sessionId: bob.publishSession, trackName: 'camera-1' };
    const pull = { tracks: [track] };
    const calls = [
      ['POST', 'tracks/new', offer('audio'), may(rights, 'audio', 'screen')],
      ['POST', 'tracks/new', offer('video'), may(rights, 'video', 'screen')],
      ['POST', 'tracks/new', offer('audio', 'audio'), may(rights, 'audio') && may(rights, 'screen')],
      ['POST', 'tracks/new', offer('video', 'video'), may(rights, 'video') && may(rights, 'screen')],
      ['POST', 'tracks/new', pull, may(rights, 'subscribe')],
      ['PUT', 'tracks/update', { tracks: [{ ...track, mid: '0' }] }, may(rights, 'subscribe')],
    ] as const;
    for (const [method, path, body, isAllowed] of calls) {
      const { sessionId } = (await (await ann.call('POST', '/sessions/new')).json()) as { sessionId: string };
      const before = sfu.calls.length;
      const { status } = await ann.call(method, `/sessions/${sessionId}/${path}`, body);
      expect([path, body, status]).toEqual([path, body, isAllowed ? 200 : 403]);
      expect(sfu.calls.length - before).toBe(isAllowed ? 1 : 0);
    }
  });
});
