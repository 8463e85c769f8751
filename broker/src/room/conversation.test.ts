import { env } from 'cloudflare:workers';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { CHAT_RING_MAX, type ClientMessage, type RoomTokenClaims } from '#protocol';
import { MICROPHONE, Member, cleanUp, room } from '../testing/client.ts';
import { FakeSfu } from '../testing/fake-sfu.ts';
import { receiveFrame } from './receive-frame.ts';
import { Room } from './room.ts';

beforeEach(() => {
  FakeSfu.install();
  vi.spyOn(console, 'log').mockImplementation(() => undefined);
});
afterEach(() => cleanUp());

async function enter(sub: string, claims: Record<string, unknown> = {}): Promise<Member> {
  const member = await Member.join({ sub, ...claims });
  await member.connect();
  return member;
}

const hear = (member: Member, type: string) => member.inbox.filter((message) => message.type === type);
const texts = (member: Member) => member.inbox.flatMap((message) => (message.type === 'chat' ? [message.text] : []));

/** Says so many things at once, in a room that stays awake: what is counted in its memory is kept. */
async function flood(member: Member, frames: readonly ClientMessage[]): Promise<void> {
  member.flood(frames);
  await env.ROOMS.getByName(room()).handlesOf([]);
}

/** A room without a runtime around it, whose newcomers may read `history` messages of before; and what `sub` reads in it. */
function quietRoom(history: number) {
  let ids = 0;
  const quiet = new Room(() => `id${ids++}`, undefined, undefined, history);
  const grants = { publish: [], subscribe: true, chat: true, moderate: false };
  const come = (sub: string) => {
    const claims: RoomTokenClaims = { room: 'r', sub, iat: 0, exp: 0, role: 'guest', grants, lobby: false, limits: {} };
    const joined = quiet.join({ claims, name: sub, secretHash: sub, ticketHash: sub }, 0);
    quiet.openSocket(sub, `socket-${sub}`, 0);
    return joined.ok ? joined.self.id : '';
  };
  const say = (sub: string, now: number, more: object) =>
    receiveFrame(
      quiet,
      `socket-${sub}`,
      JSON.stringify({ type: 'chat', key: `k${now}`, text: `${now}`, ...more }),
      now,
    );
  const read = (sub: string) => {
    quiet.takeEffects();
    receiveFrame(quiet, `socket-${sub}`, JSON.stringify({ type: 'hello', protocol: 1, epoch: '', rev: 0 }), 1e9);
    const sent = quiet.takeEffects().flatMap((effect) => (effect.type === 'send' ? [effect.message] : []));
    return sent.flatMap((message) => (message.type === 'chat' ? [message.text] : []));
  };
  return { quiet, come, say, read };
}

describe('chat', () => {
  it('CH1 A16 reaches everybody, the sender included, and says who it is from', async () => {
    const [ann, bob] = [await enter('ann'), await enter('bob')];
    const forged = { type: 'chat', key: 'k', text: 'hi', from: bob.id, name: 'Bob', seq: 1, sentAt: 1, role: 'host' };
    await ann.say(JSON.stringify(forged));
    const message = await bob.next('chat');
    expect(message).toMatchObject({ key: 'k', from: ann.id, text: 'hi' });
    expect(Object.keys(message).sort()).toEqual(['from', 'key', 'sentAt', 'seq', 'text', 'type']);
    expect(Math.abs(message.sentAt - Date.now())).toBeLessThan(60_000);
    expect(await ann.next('chat')).toEqual(message);
  });

  it('CH1 with `to` it reaches that participant and the sender, at once and after a reconnect', async () => {
    const [ann, bob, eve] = [await enter('ann'), await enter('bob'), await enter('eve', { role: 'host' })];
    await ann.say({ type: 'chat', key: 'k', text: 'psst', to: bob.id });
    expect(await bob.next('chat')).toMatchObject({ from: ann.id, to: bob.id, text: 'psst' });
    expect(await ann.next('chat')).toMatchObject({ to: bob.id });
    expect(hear(eve, 'chat')).toEqual([]);
    for (const member of [ann, bob, eve]) await member.reconnect();
    expect([texts(ann), texts(bob), texts(eve)]).toEqual([['psst'], ['psst'], []]);
  });

  it('CH1 to somebody who is not there is not found, and the error says which message', async () => {
    const ann = await enter('ann');
    await ann.say({ type: 'chat', key: 'k7', text: 'psst', to: 'nobody' });
    expect(await ann.next('error')).toMatchObject({ errorCode: 'not_found', key: 'k7' });
    await ann.reconnect();
    expect(hear(ann, 'chat')).toEqual([]);
  });

  it('CH1 grows in order, also where the clock stands still', async () => {
    const [ann, bob] = [await enter('ann'), await enter('bob')];
    vi.useFakeTimers({ toFake: ['Date'] });
    for (const key of ['a', 'b', 'c']) await ann.say({ type: 'chat', key, text: key });
    vi.useRealTimers();
    const seqs = bob.inbox.flatMap((message) => (message.type === 'chat' ? [message.seq] : []));
    expect(seqs).toEqual([...new Set(seqs)].sort((a, b) => a - b));
    expect(seqs).toHaveLength(3);
  });

  it('CH2 a message sent again under its key is not shown again; its sender hears what became of it', async () => {
    const [ann, bob] = [await enter('ann'), await enter('bob')];
    await ann.say({ type: 'chat', key: 'k', text: 'one' });
    const first = await ann.next('chat');
    await ann.say({ type: 'chat', key: 'k', text: 'another' });
    expect(await ann.next('chat')).toEqual(first);
    await bob.say({ type: 'chat', key: 'k', text: 'mine' });
    expect(texts(bob)).toEqual(['one', 'mine']);
  });

  it('CH3 A24 markup is text and stays it; what cannot be shown is not understood', async () => {
    const [ann, bob] = [await enter('ann'), await enter('bob')];
    const text = '<img src=x onerror=alert(1)>\u202e\n\tjavascript:alert(1)';
    await ann.say({ type: 'chat', key: 'k', text });
    expect(await bob.next('chat')).toMatchObject({ text });
    await ann.say({ type: 'chat', key: 'k2', text: '\u0000' });
    expect(await ann.next('error')).toMatchObject({ errorCode: 'decoding_error' });
  });

  it('CH4 who was away gets what was missed, once; a reload gets what was said since the first join', async () => {
    const ann = await enter('ann');
    await ann.say({ type: 'chat', key: 'a', text: 'before' });
    const bob = await enter('bob');
    await ann.say({ type: 'chat', key: 'b', text: 'first' });
    const { seq } = await bob.next('chat');
    await bob.drop();
    await ann.say({ type: 'chat', key: 'c', text: 'second' });
    await bob.reconnect();
    expect(texts(bob)).toEqual(['first', 'second']);
    const { epoch, rev } = bob.joined.roster;
    bob.inbox.length = 0;
    await bob.say({ type: 'hello', protocol: 1, epoch, rev, chat: seq });
    expect(texts(bob)).toEqual(['second']);
    bob.inbox.length = 0;
    await bob.say({ type: 'hello', protocol: 1, epoch: 'other', rev, chat: seq });
    expect(texts(bob)).toEqual(['first', 'second']);
    const reloaded = await enter('bob');
    expect(texts(reloaded)).toEqual(['first', 'second']);
  });

  it('CH5 who comes later gets nothing of before', async () => {
    const ann = await enter('ann');
    await ann.say({ type: 'chat', key: 'a', text: 'before' });
    expect(texts(await enter('bob'))).toEqual([]);
  });

  it('CH5 as many to all as the owner has set up, and nothing that was for others', () => {
    const { come, say, read } = quietRoom(2);
    const [, bob] = [come('ann'), come('bob')];
    for (const second of [1, 2, 3]) say('ann', second * 1000, {});
    say('ann', 4000, { to: bob });
    come('eve');
    expect(read('eve')).toEqual(['2000', '3000']);
    say('ann', 5000, {});
    expect(read('eve')).toEqual(['2000', '3000', '5000']);
    expect(read('bob')).toEqual(['1000', '2000', '3000', '4000', '5000']);
  });

  it('CH4 A21 the last hundred are kept, and no more', () => {
    const { quiet, come, say, read } = quietRoom(0);
    come('ann');
    for (let second = 1; second <= CHAT_RING_MAX + 20; second += 1) say('ann', second * 1000, {});
    expect(quiet.state.chat.size).toBe(CHAT_RING_MAX);
    expect(read('ann')).toHaveLength(CHAT_RING_MAX);
    expect(read('ann')[0]).toBe('21000');
  });

  it('CH6 A18 five at once reach others, no more; the sixth says so, and others are heard', async () => {
    const [ann, bob] = [await enter('ann'), await enter('bob')];
    await flood(
      ann,
      Array.from({ length: 20 }, (_, index) => ({ type: 'chat', key: `k${index}`, text: `${index}` })),
    );
    await vi.waitFor(() => expect(hear(ann, 'error')).toHaveLength(15));
    expect(hear(ann, 'error')[0]).toMatchObject({ errorCode: 'rate_limited', key: 'k5' });
    expect(texts(bob)).toEqual(['0', '1', '2', '3', '4']);
    await flood(bob, [{ type: 'chat', key: 'k', text: 'calm down' }]);
    await vi.waitFor(() => expect(texts(ann)).toContain('calm down'));
  });

  it('CH1 CH7 A3 without the grant nothing is said, and listening goes on', async () => {
    const [ann, eve] = [await enter('ann'), await enter('eve', { grants: { chat: false } })];
    await eve.say({ type: 'chat', key: 'k', text: 'hi' });
    await eve.say({ type: 'react', emoji: '👍' });
    expect(hear(eve, 'error').map((error) => error)).toMatchObject([
      { errorCode: 'forbidden', key: 'k' },
      { errorCode: 'forbidden' },
    ]);
    expect(ann.inbox.filter(({ type }) => type !== 'change' && type !== 'current')).toEqual([]);
    await ann.say({ type: 'chat', key: 'k', text: 'welcome' });
    expect(await eve.next('chat')).toMatchObject({ text: 'welcome' });
  });
});

describe('reactions', () => {
  it('CH7 A16 reach everybody, from whom they are, and are kept nowhere', async () => {
    const [ann, bob] = [await enter('ann'), await enter('bob')];
    await ann.say(JSON.stringify({ type: 'react', emoji: '🎉', from: bob.id }));
    const reaction = { type: 'reaction', from: ann.id, emoji: '🎉' };
    expect([await bob.next('reaction'), await ann.next('reaction')]).toEqual([reaction, reaction]);
    await bob.reconnect();
    expect(hear(bob, 'reaction')).toEqual([]);
  });

  it('CH6 A18 five at once, no more, and chat has its own count', async () => {
    const [ann, bob] = [await enter('ann'), await enter('bob')];
    const reactions = Array.from({ length: 20 }, () => ({ type: 'react', emoji: '👍' }) as const);
    await flood(ann, [...reactions, { type: 'chat', key: 'k', text: 'hi' }]);
    await vi.waitFor(() => expect(texts(bob)).toEqual(['hi']));
    expect(hear(bob, 'reaction')).toHaveLength(5);
  });
});

describe('hands', () => {
  const hands = async (member: Member) => {
    const late = await Member.join({ sub: 'late' });
    await late.call('POST', '/leave');
    const up = late.joined.roster.participants.filter(({ hand }) => hand !== undefined);
    expect(member.room).toBe(room());
    return up.sort((a, b) => (a.hand ?? 0) - (b.hand ?? 0)).map(({ id }) => id);
  };

  it('CH8 go up in order, also in the same moment, and again counts for nothing', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    const [ann, bob, eve] = [await enter('ann'), await enter('bob'), await enter('eve', { role: 'listener' })];
    for (const member of [eve, ann, bob, eve]) await member.say({ type: 'hand', raised: true });
    expect(await hands(ann)).toEqual([eve.id, ann.id, bob.id]);
    vi.setSystemTime(Date.now() + 1_000);
    await eve.say({ type: 'hand', raised: false });
    await eve.say({ type: 'hand', raised: true });
    expect(await hands(ann)).toEqual([ann.id, bob.id, eve.id]);
    vi.useRealTimers();
  });

  it('CH8 stay up through a lost socket and a reload, and go with the seat', async () => {
    const [ann, bob] = [await enter('ann'), await enter('bob')];
    await bob.say({ type: 'hand', raised: true });
    await bob.drop();
    await bob.reconnect();
    expect(await hands(ann)).toEqual([bob.id]);
    const reloaded = await enter('bob');
    expect(await hands(ann)).toEqual([bob.id]);
    await reloaded.call('POST', '/leave');
    await enter('bob');
    expect(await hands(ann)).toEqual([]);
  });

  it('CH8 A16 A17 one’s own, or anybody’s by a moderator, who raises none', async () => {
    const [ann, bob, host] = [await enter('ann'), await enter('bob'), await enter('host', { role: 'host' })];
    await bob.say({ type: 'hand', raised: true });
    for (const message of [
      { type: 'hand', raised: false, id: bob.id },
      { type: 'hand', raised: true, id: host.id },
    ] as const) {
      await ann.say(message);
      expect(await ann.next('error')).toMatchObject({ errorCode: 'forbidden' });
    }
    await host.say({ type: 'hand', raised: true, id: ann.id });
    expect(await host.next('error')).toMatchObject({ errorCode: 'forbidden' });
    expect(await hands(ann)).toEqual([bob.id]);
    await host.say({ type: 'hand', raised: false, id: bob.id });
    expect(await hands(ann)).toEqual([]);
    await bob.say({ type: 'hand', raised: true, id: bob.id });
    expect(await hands(ann)).toEqual([bob.id]);
  });
});

describe('RM10 A16 what a message says of its sender counts for nothing', () => {
  it.each<[string, (session: string) => ClientMessage]>([
    ['tracks', (sessionId) => ({ type: 'tracks', sessionId, tracks: [{ ...MICROPHONE, muted: true }] })],
    ['chat', () => ({ type: 'chat', key: 'k', text: 'hi' })],
    ['react', () => ({ type: 'react', emoji: '👍' })],
    ['hand', () => ({ type: 'hand', raised: true })],
    ['layers', () => ({ type: 'layers', layers: [] })],
    ['leave', () => ({ type: 'leave', mayReturn: false })],
    ['hello', () => ({ type: 'hello', protocol: 1, epoch: '', rev: 0 })],
  ])('RM10 A16 %s', async (_name, message) => {
    const [ann, bob] = [await Member.live(), await enter('bob', { role: 'host', name: 'Bob' })];
    const forged = { from: bob.id, name: 'Bob', role: 'host', sub: 'bob', grants: { moderate: true }, seatId: bob.id };
    bob.inbox.length = 0;
    await ann.say(JSON.stringify({ ...message(ann.publishSession), ...forged, participant: forged }));
    const heard = bob.inbox.map((entry) => JSON.stringify(entry)).join();
    expect(heard).not.toContain(`"from":"${bob.id}"`);
    expect(heard).not.toContain('"name":"Bob"');
    const late = await Member.join({ sub: 'late' });
    const seen = late.joined.roster.participants.find(({ id }) => id === bob.id);
    expect(seen).toMatchObject({ name: 'Bob', role: 'host', tracks: [] });
    expect(seen).not.toHaveProperty('hand');
  });
});
