import { beforeEach, describe, expect, it } from 'vitest';
import type { JoinResponse } from '#protocol';
import { FakeClock, settle } from '../testing/fake-clock.ts';
import { FakeDevicesPort } from '../testing/fake-devices-port.ts';
import { FakeRoomPort } from '../testing/fake-room-port.ts';
import { FakeSfuPort } from '../testing/fake-sfu-port.ts';
import { joinResponse, liveTrack, person, publisher, sessionOf } from '../testing/people.ts';
import { Call } from './call.ts';
import { CallError } from './errors.ts';
import { REJOIN_WINDOW_MS } from './membership.ts';
import type { CallRequest } from './request.ts';

const GUEST = { publish: ['audio', 'video', 'screen'], subscribe: true, chat: true, moderate: false } as const;
const HOST = { ...GUEST, publish: [...GUEST.publish], moderate: true };
const LISTENER = { ...GUEST, publish: [] };
const KNOCKS = [
  { id: 'cleo', name: 'Cleo' },
  { id: 'dan', name: 'Dan' },
];

let clock: FakeClock;
let room: FakeRoomPort;
let sfu: FakeSfuPort;
let devices: FakeDevicesPort;
let call: Call;

beforeEach(() => {
  clock = new FakeClock();
  room = new FakeRoomPort();
  sfu = new FakeSfuPort();
  devices = new FakeDevicesPort();
  devices.isWilling = true;
  call = new Call({ room, sfu, devices, clock });
  call.configure({ room: 'studio', name: '', obstacle: '', detail: '' });
});

async function ask(...requests: CallRequest[]): Promise<void> {
  for (const request of requests) call.request(request);
  await settle();
}

async function answer(joined: JoinResponse): Promise<void> {
  room.lastJoin.accept(joined);
  await settle();
}

async function say(...messages: Parameters<FakeRoomPort['say']>): Promise<void> {
  room.say(...messages);
  await settle();
}

function waitingResponse(): JoinResponse {
  const { publish: _, ...others } = joinResponse();
  return { ...others, waiting: true, roster: { epoch: 'none', rev: 0, locked: false, participants: [] } };
}

async function knock(): Promise<void> {
  await ask({ type: 'set-capture', source: 'camera', on: true }, { type: 'join' });
  await answer(waitingResponse());
  room.emit({ type: 'open' });
}

async function enter(changes: Partial<JoinResponse> = {}): Promise<void> {
  await ask({ type: 'join' });
  await answer(joinResponse([publisher('ben', ['camera'])], changes));
  room.emit({ type: 'open' });
  sfu.emit({ type: 'connection', state: 'connected' });
}

describe('who waits to be let in', () => {
  it('sees that, keeps the preview, and holds no connections meanwhile', async () => {
    await knock();
    expect(call.state.call).toEqual({ phase: 'waiting', signalling: 'connected' });
    expect([...devices.lights]).toEqual(['camera']);
    expect(sfu.isOpen).toBe(false);
    expect(sfu.accepts).toEqual([]);
  });

  it('goes on into the call once admitted, with fresh offers and without another click', async () => {
    await knock();
    await say({ type: 'admitted' });
    expect(call.state.call.phase).toBe('waiting');
    expect(room.joins).toHaveLength(2);
    expect(sfu.isOpen).toBe(true);
    await answer(joinResponse([publisher('ben', ['camera'])]));
    expect(call.state.call).toMatchObject({ phase: 'in-call', participants: [{ id: 'ben' }, { id: 'me' }] });
    expect([...devices.lights]).toEqual(['camera']);
  });

  it('is told by the broker itself where the admission did not hold', async () => {
    await knock();
    await say({ type: 'admitted' });
    room.lastJoin.refuse(new CallError('room-full'));
    await settle();
    expect(call.state.call).toMatchObject({ phase: 'failed', error: 'room-full' });
    expect([...devices.lights]).toEqual([]);
  });

  it('is not let in by a message that comes in a call', async () => {
    await enter();
    await say({ type: 'admitted' });
    expect(room.joins).toHaveLength(1);
  });

  it('is told when the connection is lost, and when it is back', async () => {
    await knock();
    room.emit({ type: 'lost' });
    expect(call.state.call).toEqual({ phase: 'waiting', signalling: 'reconnecting' });
    room.emit({ type: 'open' });
    expect(call.state.call).toEqual({ phase: 'waiting', signalling: 'connected' });
  });

  it('knocks again where the place was given up', async () => {
    await knock();
    room.emit({ type: 'closed', reason: 'unauthorized' });
    await settle();
    expect(call.state.call).toEqual({ phase: 'waiting', signalling: 'reconnecting' });
    expect(room.joins).toHaveLength(2);
    await answer(waitingResponse());
    room.emit({ type: 'open' });
    expect(call.state.call).toEqual({ phase: 'waiting', signalling: 'connected' });
  });

  it.each([
    ['removed', 'refused'],
    ['ended', 'ended'],
    ['replaced', 'replaced'],
  ] as const)('and whose socket closes as %s is out as %s, with every light off', async (reason, left) => {
    await knock();
    room.emit({ type: 'closed', reason });
    await settle();
    expect(call.state.call).toEqual({ phase: 'left', reason: left });
    expect([...devices.lights]).toEqual([]);
    expect(clock.pending).toBe(0);
  });

  it('may go, which is told to the broker, and what comes later changes nothing', async () => {
    await knock();
    await ask({ type: 'leave' }, { type: 'return-to-lobby' });
    expect(room.leaves).toEqual([false]);
    expect(call.state.call).toEqual({ phase: 'lobby', notice: '' });
    await say({ type: 'admitted' });
    expect(room.joins).toHaveLength(1);
  });

  it('may go while being let in', async () => {
    await knock();
    await say({ type: 'admitted' });
    await ask({ type: 'leave' });
    expect(room.lastJoin.signal.aborted).toBe(true);
    await answer(joinResponse());
    expect(call.state.call).toEqual({ phase: 'left', reason: 'you-left' });
  });

  it('has the microphone closed, not muted, when it is switched off', async () => {
    await knock();
    await ask({ type: 'set-capture', source: 'microphone', on: true });
    expect([...devices.lights]).toEqual(['camera', 'microphone']);
    await ask({ type: 'set-capture', source: 'microphone', on: false });
    expect([...devices.lights]).toEqual(['camera']);
  });

  it('may have been in the call: the seat was lost, and nothing of a shared screen goes on', async () => {
    await enter();
    await ask({ type: 'set-capture', source: 'screen', on: true });
    room.emit({ type: 'closed', reason: 'unauthorized' });
    await settle();
    await answer(waitingResponse());
    expect(call.state.call.phase).toBe('waiting');
    expect([...devices.lights]).toEqual([]);
  });
});

describe('a host', () => {
  it('is told who waits, and asks the broker in its own words', async () => {
    await enter({ grants: HOST });
    await say({ type: 'knocks', waiting: KNOCKS });
    expect(call.state.call).toMatchObject({ knocks: KNOCKS });
    const asked: CallRequest[] = [
      { type: 'admit', id: 'cleo' },
      { type: 'refuse', id: 'dan' },
      { type: 'admit' },
      { type: 'mute', id: 'ben', source: 'camera' },
      { type: 'remove', id: 'ben' },
      { type: 'lock', locked: true },
      { type: 'end' },
    ];
    await ask(...asked);
    expect(room.announced).toEqual(asked);
    expect(call.state.call, 'nothing is shown because it was asked for').toMatchObject({ knocks: KNOCKS });
  });

  it('is told of nobody twice because the call was rebuilt', async () => {
    await enter({ grants: HOST });
    await say({ type: 'knocks', waiting: KNOCKS });
    room.emit({ type: 'closed', reason: 'unauthorized' });
    await settle();
    await answer(joinResponse([], { grants: HOST }));
    expect(call.state.call).toMatchObject({ knocks: KNOCKS });
  });

  it('asks nothing outside a call', async () => {
    await ask({ type: 'admit' }, { type: 'end' });
    expect(room.announced).toEqual([]);
  });
});

describe('grants that change', () => {
  const flowing = () =>
    sfu.emit({
      type: 'flowing',
      sessionId: sessionOf('me'),
      tracks: [liveTrack('microphone'), liveTrack('camera')],
    });

  it('MO8 release at once what is granted no more, and announce the rest', async () => {
    await enter();
    await ask(
      { type: 'set-capture', source: 'camera', on: true },
      { type: 'set-capture', source: 'microphone', on: true },
    );
    flowing();
    await say({ type: 'granted', grants: { ...HOST, publish: ['audio'], moderate: false } });
    expect([...devices.lights]).toEqual(['microphone']);
    expect(call.state.call).toMatchObject({ phase: 'in-call', grants: { publish: ['audio'] } });
    const rest = { type: 'tracks', sessionId: sessionOf('me'), tracks: [liveTrack('microphone')] };
    expect(room.announced.at(-1)).toEqual(rest);
    flowing();
    expect(room.announced.at(-1), 'and so it stays').toEqual(rest);
    expect(room.joins).toHaveLength(1);
  });

  it('MO8 receive nothing more without the right to, and again with it', async () => {
    await enter();
    expect(sfu.wants.at(-1)).toHaveLength(1);
    await say({ type: 'granted', grants: { ...HOST, subscribe: false } });
    expect(sfu.wants.at(-1)).toEqual([]);
    await say({ type: 'granted', grants: HOST });
    expect(sfu.wants.at(-1)).toHaveLength(1);
  });

  it('MO8 negotiate what is granted anew, in the same call, however often', async () => {
    room.hint = { publish: [] };
    await enter({ grants: LISTENER });
    expect(sfu.prepares.at(-1)).toEqual([]);
    for (const publish of [['audio'], ['audio', 'video']] as const) {
      await say({ type: 'granted', grants: { ...GUEST, publish: [...publish] } });
      expect(call.state.call).toMatchObject({ phase: 'in-call', media: 'connected', signalling: 'connected' });
      await answer(joinResponse([], { grants: { ...GUEST, publish: [...publish] } }));
      room.emit({ type: 'open' });
      sfu.emit({ type: 'connection', state: 'connected' });
    }
    expect(sfu.prepares.at(-1)).toEqual(['microphone', 'camera']);
    await ask({ type: 'set-capture', source: 'camera', on: true });
    expect([...devices.lights]).toEqual(['camera']);
  });

  it('MO8 that are told again after a hello change nothing', async () => {
    await enter({ grants: HOST });
    const before = call.state;
    await say({ type: 'granted', grants: structuredClone(HOST) });
    expect(call.state).toBe(before);
    expect(room.joins).toHaveLength(1);
  });

  it('hold when the call is rebuilt, whatever the token says', async () => {
    room.hint = { publish: ['audio', 'video'] };
    await enter();
    await say({ type: 'granted', grants: { ...GUEST, publish: ['audio'] } });
    await clock.advance(REJOIN_WINDOW_MS);
    room.emit({ type: 'closed', reason: 'unauthorized' });
    await settle();
    expect(room.lastJoin.request.publish?.tracks.map(({ trackName }) => trackName)).toEqual(['microphone-1']);
  });

  it('hold after a reload, which learns of them from the refusal', async () => {
    room.hint = { publish: ['audio', 'video'] };
    await ask({ type: 'join' });
    await answer(
      joinResponse([], {
        grants: { ...GUEST, publish: ['audio'] },
        publish: { errorCode: 'forbidden', errorDescription: '' },
      }),
    );
    expect(room.joins).toHaveLength(2);
    expect(room.lastJoin.request.publish?.tracks.map(({ trackName }) => trackName)).toEqual(['microphone-1']);
    await answer(joinResponse([], { grants: { ...GUEST, publish: ['audio'] } }));
    expect(call.state.call.phase).toBe('in-call');
  });
});

describe('the end of the time', () => {
  const MINUTE_MS = 60_000;
  const within = (): unknown => 'endsWithin' in call.state.call && call.state.call.endsWithin;
  const enterUntil = (endsAt: number) =>
    enter({ roster: { epoch: 'one', rev: 1, locked: false, participants: [person('me')], endsAt } });

  it('is told five minutes and one minute before, and not earlier', async () => {
    await enterUntil(clock.now() + 8 * MINUTE_MS);
    const told: unknown[] = [];
    call.subscribe(() => told.at(-1) !== within() && told.push(within()));
    await clock.advance(3 * MINUTE_MS - 1);
    expect(within()).toBe(0);
    await clock.advance(1);
    expect(within()).toBe(5);
    await clock.advance(4 * MINUTE_MS);
    expect(within()).toBe(1);
    expect(told).toEqual([5, 1]);
  });

  it('is told at once to who comes so late', async () => {
    await enterUntil(clock.now() + 3 * MINUTE_MS);
    expect(within()).toBe(5);
  });

  it('may be a month away', async () => {
    await enterUntil(clock.now() + 40 * 24 * 60 * MINUTE_MS);
    await clock.advance(39 * 24 * 60 * MINUTE_MS);
    expect(within()).toBe(0);
    await clock.advance(24 * 60 * MINUTE_MS - MINUTE_MS);
    expect(within()).toBe(1);
  });

  it('may come nearer, or be taken back', async () => {
    await enterUntil(clock.now() + 60 * MINUTE_MS);
    const endsAt = clock.now() + MINUTE_MS / 2;
    await say({ type: 'change', epoch: 'one', rev: 2, change: { type: 'room', locked: false, endsAt } });
    expect(within()).toBe(1);
    await say({ type: 'change', epoch: 'one', rev: 3, change: { type: 'room', locked: false } });
    expect(within()).toBe(0);
  });

  it('leaves no timer behind in a call that ends before', async () => {
    await enterUntil(clock.now() + 60 * MINUTE_MS);
    await ask({ type: 'leave' });
    expect(clock.pending).toBe(0);
  });
});
