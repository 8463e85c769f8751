import { beforeEach, describe, expect, it } from 'vitest';
import { PREPARED_LIFETIME_MS, type JoinResponse, type Participant } from '#protocol';
import { FakeClock, settle } from '../testing/fake-clock.ts';
import { FakeDevicesPort } from '../testing/fake-devices-port.ts';
import { FakeRoomPort } from '../testing/fake-room-port.ts';
import { FakeSfuPort } from '../testing/fake-sfu-port.ts';
import { joinResponse, liveTrack, publisher, sessionOf } from '../testing/people.ts';
import { Call } from './call.ts';
import { PROMPT_HINT_MS, RESTART_WINDOW_MS } from './capture.ts';
import { CallError, type CallErrorCode } from './errors.ts';
import { USABLE_MS } from './preparation.ts';
import { MEDIA_DEADLINE_MS, NETWORK_PATIENCE_MS, NETWORK_RETRY_MS, REJOIN_WINDOW_MS } from './membership.ts';
import { BrokerError } from './ports.ts';
import type { CallRequest } from './request.ts';
import type { CallPhase, CaptureSource, InCall } from './state.ts';

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
  call = new Call({ room, sfu, devices, clock });
  call.configure({ room: 'studio', name: '', obstacle: '', detail: '' });
});

async function ask(...requests: CallRequest[]): Promise<void> {
  for (const request of requests) call.request(request);
  await settle();
}

function capture(source: CaptureSource, on = true): CallRequest {
  return { type: 'set-capture', source, on };
}

function phase(): CallPhase['phase'] {
  return call.state.call.phase;
}

function inCall(): InCall {
  const { call: now } = call.state;
  if (now.phase !== 'in-call') throw new Error(`the phase is ${now.phase}`);
  return now;
}

async function enter(others: Participant[] = [], changes: Partial<JoinResponse> = {}): Promise<void> {
  await ask({ type: 'join' });
  room.lastJoin.accept(joinResponse(others, changes));
  await settle();
  room.emit({ type: 'open' });
}

async function enterConnected(...parameters: Parameters<typeof enter>): Promise<void> {
  await enter(...parameters);
  sfu.emit({ type: 'connection', state: 'connected' });
}

/** Nothing captured, nothing connected, no timer left behind. */
function expectNothingLeftOn(): void {
  expect([...devices.lights]).toEqual([]);
  expect(sfu.isOpen).toBe(false);
  expect(room.isConnected).toBe(false);
  expect(clock.pending).toBe(0);
}

describe('before anybody acts', () => {
  it('no token is asked for, and no connection is made', async () => {
    call.configure({ room: 'studio', name: 'Ann', obstacle: '', detail: '' });
    await settle();
    expect(room.tokenReads).toBe(0);
    expect(sfu.prepares).toEqual([]);
    expect(call.state).toMatchObject({ room: 'studio', local: { name: 'Ann' }, call: { phase: 'lobby' } });
  });

  it('the first act makes both ready, once', async () => {
    await ask({ type: 'set-name', name: 'A' }, { type: 'set-name', name: 'An' }, capture('camera'));
    expect(room.tokenReads).toBe(1);
    expect(sfu.prepares).toHaveLength(1);
  });

  it('makes nothing ready where the page forbids it, and joins all the same', async () => {
    call.allowPrewarm(false);
    await ask({ type: 'set-name', name: 'A' }, capture('camera'));
    expect([room.tokenReads, sfu.prepares.length]).toEqual([0, 0]);
    await enter();
    expect(phase()).toBe('in-call');
  });

  it('a name the token gives takes the place of what was typed', async () => {
    room.hint = { name: 'Dr. Ann' };
    await ask({ type: 'set-name', name: 'A' }, { type: 'set-name', name: 'B' });
    expect(call.state.local).toMatchObject({ name: 'Dr. Ann', mayRename: false });
    await ask({ type: 'set-name', name: 'C' });
    expect(call.state.local.name).toBe('Dr. Ann');
  });

  it('a token that cannot be had is no trouble before it is needed, and is asked for once', async () => {
    room.hint = new CallError('token-url-failed');
    await ask({ type: 'set-name', name: 'A' });
    await ask({ type: 'set-name', name: 'An' });
    expect(phase()).toBe('lobby');
    expect([room.tokenReads, room.preparations.length]).toEqual([1, 0]);
  });
});

describe('what was made ready', () => {
  const approach: CallRequest = { type: 'approach' };

  it('is connected at the first sign that somebody will join, and used by the join', async () => {
    await ask(approach);
    expect(room.preparations).toEqual([['receive', 'publish']]);
    expect(phase()).toBe('lobby');
    await ask({ type: 'join' });
    expect(room.lastJoin.request).toMatchObject({
      publish: { prepared: 'publish-1' },
      receive: { prepared: 'receive-1' },
    });
    room.lastJoin.accept(joinResponse());
    await settle();
    sfu.emit({ type: 'connection', state: 'connected' });
    await clock.advance(PREPARED_LIFETIME_MS);
    expect([phase(), sfu.isOpen]).toEqual(['in-call', true]);
  });

  it('has no connection to publish with, for a listener', async () => {
    room.hint = { publish: [] };
    await ask(approach);
    expect(room.preparations).toEqual([['receive']]);
    await ask({ type: 'join' });
    expect(room.lastJoin.request).not.toHaveProperty('publish');
    expect(room.lastJoin.request.receive).toMatchObject({ prepared: 'receive-1' });
  });

  it('survives other devices, captures nothing, and ends in time where nobody joins', async () => {
    await ask(approach, { type: 'choose-device', kind: 'microphone', id: 'other' });
    expect([...devices.lights]).toEqual([]);
    expect(room.preparations).toHaveLength(1);
    await clock.advance(USABLE_MS - 1);
    expect(sfu.isOpen).toBe(true);
    await clock.advance(1);
    expectNothingLeftOn();
    await ask(approach);
    expect(room.preparations).toHaveLength(2);
  });

  it.each([
    ['the tag changes', () => call.configure({ room: 'other', name: '', obstacle: '', detail: '' })],
    ['the page goes away', () => call.hide()],
    ['the element is removed', () => call.close()],
  ])('is closed when %s', async (_why, act) => {
    await ask(approach);
    expect(sfu.isOpen).toBe(true);
    act();
    expectNothingLeftOn();
  });

  it('is waited for by whoever is quicker', async () => {
    await ask(approach, { type: 'join' });
    expect(room.lastJoin.request.receive).toMatchObject({ prepared: 'receive-1' });
  });

  it.each([
    ['the broker refuses', () => (room.prepareError = new BrokerError(429, 'rate_limited', 'on order'))],
    ['a connection has broken', () => (sfu.isStale = true)],
  ])('is done without where %s', async (_why, spoil) => {
    if (_why.startsWith('the broker')) spoil();
    await ask(approach);
    spoil();
    await ask({ type: 'join' });
    expect(room.lastJoin.request.receive).toEqual({ sessionDescription: { type: 'offer', sdp: 'receive' } });
  });

  it.each([
    ['publish', 'session_error'],
    ['receive', 'session_error'],
    ['receive', 'invalid_session_description'],
  ] as const)('is replaced, unseen, where the SFU does not know the session to %s (%s)', async (media, errorCode) => {
    await ask(approach, { type: 'join' });
    room.lastJoin.accept(joinResponse([], { [media]: { errorCode, errorDescription: '' } }));
    await settle();
    expect(phase()).toBe('joining');
    expect(room.joins).toHaveLength(2);
    expect(room.lastJoin.request.receive).not.toHaveProperty('prepared');
    // Without it, the same is a failure.
    room.lastJoin.accept(joinResponse([], { [media]: { errorCode, errorDescription: '' } }));
    await settle();
    expect(call.state.call).toMatchObject({ phase: 'failed', error: 'sfu-refused' });
    expectNothingLeftOn();
  });

  it('is done without by a listener who is refused nothing else', async () => {
    await ask(approach, { type: 'join' });
    const grants = { ...joinResponse().grants, subscribe: false };
    room.lastJoin.accept(joinResponse([], { grants, receive: { errorCode: 'forbidden', errorDescription: '' } }));
    await settle();
    expect([phase(), room.joins.length]).toEqual(['in-call', 1]);
  });
});

describe('joining', () => {
  it('sends name and both offers, and shows the roster at once', async () => {
    await ask({ type: 'set-name', name: ' Ann ' });
    await ask({ type: 'join' });
    expect(phase()).toBe('joining');
    expect(room.lastJoin.request).toEqual({
      name: 'Ann',
      publish: {
        prepared: 'publish-1',
        sessionDescription: { type: 'offer', sdp: 'publish' },
        tracks: [
          { location: 'local', mid: '0', trackName: 'microphone-1' },
          { location: 'local', mid: '1', trackName: 'camera-1' },
        ],
      },
      receive: { prepared: 'receive-1', sessionDescription: { type: 'offer', sdp: 'receive' } },
    });
    room.lastJoin.accept(joinResponse([publisher('ben', ['camera'])]));
    await settle();
    expect(inCall().participants.map(({ id }) => id)).toEqual(['ben', 'me']);
    expect(inCall()).toMatchObject({ media: 'connecting', signalling: 'connecting' });
  });

  it('twice is once', async () => {
    await ask({ type: 'join' }, { type: 'join' });
    await ask({ type: 'join' });
    expect(room.joins).toHaveLength(1);
    room.lastJoin.accept(joinResponse());
    await settle();
    await ask({ type: 'join' });
    expect(room.joins).toHaveLength(1);
  });

  it('uses what was made ready, and does not wait for a camera', async () => {
    await ask(capture('camera'), { type: 'join' });
    expect(sfu.prepares).toHaveLength(1);
    expect(room.joins).toHaveLength(1);
    expect(call.state.local.camera.status).toBe('starting');
  });

  it.each([
    [['audio'], ['microphone']],
    [[], []],
  ] as const)('offers only what the token grants: %j', async (publish, sources) => {
    room.hint = { publish };
    await ask({ type: 'join' });
    expect(sfu.prepares.at(-1)).toEqual(sources);
    expect(room.lastJoin.request.publish?.tracks.map(({ trackName }) => trackName) ?? []).toEqual(
      sources.map((source) => `${source}-1`),
    );
  });

  it('wants what is live, sound first, and follows the roster', async () => {
    const ben = publisher('ben', ['camera', 'microphone'], ['camera']);
    await enter([ben, publisher('cleo', ['camera'])]);
    const wanted = () => sfu.wants.at(-1)!.map((track) => `${track.participantId} ${track.source}`);
    expect(wanted()).toEqual(['ben microphone', 'cleo camera', 'ben camera']);
    room.say({ type: 'change', epoch: 'one', rev: 2, change: { type: 'gone', id: 'ben', reason: 'left' } });
    expect(wanted()).toEqual(['cleo camera']);
  });

  it('wants nothing without the right to subscribe, which is no failure', async () => {
    await enter([publisher('ben', ['camera'])], {
      grants: { publish: ['audio'], subscribe: false, chat: false, moderate: false },
      receive: { errorCode: 'forbidden', errorDescription: '' },
    });
    expect(sfu.accepts[0]).not.toHaveProperty('receive');
    expect(sfu.wants.at(-1)).toEqual([]);
  });

  it('announces tracks when they flow, and never before', async () => {
    sfu.emit({ type: 'flowing', sessionId: 'early', tracks: [] });
    await enter();
    expect(room.announced).toEqual([]);
    sfu.emit({ type: 'flowing', sessionId: sessionOf('me'), tracks: [liveTrack('microphone')] });
    expect(room.announced).toEqual([{ type: 'tracks', sessionId: sessionOf('me'), tracks: [liveTrack('microphone')] }]);
  });

  it('releases at once what the token does not let me publish', async () => {
    devices.isWilling = true;
    await ask(capture('camera'), capture('microphone'));
    await enter([], { grants: { publish: ['audio'], subscribe: true, chat: true, moderate: false } });
    expect([...devices.lights]).toEqual(['microphone']);
    expect(call.state.local.camera).toEqual({ status: 'off' });
    await ask(capture('camera'));
    expect(inCall().notice).toBe('not-allowed');
    expect([...devices.lights]).toEqual(['microphone']);
  });
});

describe('leaving while joining', () => {
  async function expectGivenUp(): Promise<void> {
    await ask({ type: 'leave' });
    expect(call.state.call).toEqual({ phase: 'left', reason: 'you-left' });
    devices.prompts.splice(0).forEach(({ source, resolve }) => {
      devices.lights.add(source);
      resolve({ id: source, label: '' });
    });
    await settle();
    expectNothingLeftOn();
    expect(phase()).toBe('left');
  }

  it('aborts the join, and its late answer changes nothing', async () => {
    await ask(capture('camera'), { type: 'join' });
    await expectGivenUp();
    expect(room.lastJoin.signal.aborted).toBe(true);
    room.lastJoin.accept(joinResponse());
    await settle();
    expect(phase()).toBe('left');
    expect(sfu.accepts).toEqual([]);
    expectNothingLeftOn();
  });

  it('and its late refusal changes nothing either', async () => {
    await ask({ type: 'join' });
    await expectGivenUp();
    room.lastJoin.refuse(new CallError('room-full'));
    await settle();
    expect(phase()).toBe('left');
  });

  it('leaves the way free to join again', async () => {
    await ask({ type: 'join' }, { type: 'leave' });
    await enter();
    expect(phase()).toBe('in-call');
    expect(room.joins).toHaveLength(1);
  });

  it('even before the token has been read', async () => {
    call.request(capture('microphone'));
    call.request({ type: 'join' });
    await expectGivenUp();
    expect(room.joins).toEqual([]);
  });
});

describe('a join that fails', () => {
  const media = (errorCode: string) => ({ errorCode, errorDescription: 'on order' });
  const refusals: [string, CallErrorCode, boolean, () => void][] = [
    ['a full room', 'room-full', true, () => room.lastJoin.refuse(new CallError('room-full'))],
    ['an expired token', 'token-expired', false, () => room.lastJoin.refuse(new CallError('token-expired'))],
    [
      'a broker that is away',
      'broker-unreachable',
      true,
      () => room.lastJoin.refuse(new CallError('broker-unreachable')),
    ],
    ...(['publish', 'receive'] as const).flatMap((side): [string, CallErrorCode, boolean, () => void][] => [
      [
        `an SFU too slow to ${side}`,
        'sfu-timeout',
        true,
        () => room.lastJoin.accept(joinResponse([], { [side]: media('sfu_timeout') })),
      ],
      [
        `an SFU away for ${side}`,
        'sfu-unreachable',
        true,
        () => room.lastJoin.accept(joinResponse([], { [side]: media('sfu_unreachable') })),
      ],
      [
        `an SFU that refuses ${side}`,
        'sfu-refused',
        true,
        () => room.lastJoin.accept(joinResponse([], { [side]: media('sfu_error') })),
      ],
      [
        `no right to ${side}`,
        'not-allowed',
        false,
        () => room.lastJoin.accept(joinResponse([], { [side]: media('forbidden') })),
      ],
    ]),
    [
      'an SFU that refuses one of my tracks',
      'sfu-refused',
      true,
      () =>
        room.lastJoin.accept(
          joinResponse([], {
            publish: {
              sessionId: 's',
              requiresImmediateRenegotiation: false,
              tracks: [{ mid: '', errorCode: 'empty_track_error' }],
            },
          }),
        ),
    ],
    [
      'an answer the browser does not take',
      'sfu-refused',
      true,
      () => {
        sfu.acceptError = new DOMException('bad answer', 'InvalidAccessError');
        room.lastJoin.accept(joinResponse());
      },
    ],
    [
      'an SFU that goes away in the middle',
      'sfu-timeout',
      true,
      () => {
        sfu.acceptError = new BrokerError(504, 'sfu_timeout', '');
        room.lastJoin.accept(joinResponse());
      },
    ],
  ];
  it.each(refusals)('by %s: %s', async (_, error, mayRetry, refuse) => {
    devices.isWilling = true;
    await ask(capture('camera'), capture('microphone'), { type: 'join' });
    refuse();
    await settle();
    expect(call.state.call).toMatchObject({ phase: 'failed', error, mayRetry });
    expectNothingLeftOn();
  });

  it('by a token that cannot be had', async () => {
    room.hint = new CallError('token-url-unauthorized', 'answered 401');
    await ask({ type: 'join' });
    expect(call.state.call).toMatchObject({ error: 'token-url-unauthorized', detail: 'answered 401' });
    expect(room.joins).toEqual([]);
    expectNothingLeftOn();
  });

  it('by a browser that makes no connections', async () => {
    sfu.prepareError = new Error('no WebRTC here');
    await ask({ type: 'join' });
    expect(call.state.call).toMatchObject({ error: 'unsupported-browser' });
    expectNothingLeftOn();
  });

  it('by media that never comes while signalling works', async () => {
    await enter();
    await clock.advance(MEDIA_DEADLINE_MS - 1);
    expect(phase()).toBe('in-call');
    await clock.advance(1);
    expect(call.state.call).toMatchObject({ phase: 'failed', error: 'media-unreachable', mayRetry: true });
    expect(room.leaves).toEqual([false]);
    expectNothingLeftOn();
  });

  it('not by a slow socket beside working media', async () => {
    await enterConnected();
    room.emit({ type: 'lost' });
    await clock.advance(MEDIA_DEADLINE_MS);
    expect(inCall().signalling).toBe('reconnecting');
  });

  it('not for want of media where there is none: a listener alone in the room', async () => {
    room.hint = { publish: [] };
    const { publish: _, ...listener } = joinResponse();
    await ask({ type: 'join' });
    room.lastJoin.accept(listener);
    await settle();
    await clock.advance(MEDIA_DEADLINE_MS);
    expect(inCall().media).toBe('connected');
  });

  it('tries again with the devices that were open', async () => {
    devices.isWilling = true;
    await ask(capture('camera'), { type: 'join' });
    room.lastJoin.refuse(new CallError('sfu-timeout'));
    await settle();
    await enter();
    expect(phase()).toBe('in-call');
    expect([...devices.lights]).toEqual(['camera']);
  });
});

describe('a capture', () => {
  it('is on when the device is, not when it is asked for', async () => {
    await ask(capture('camera'));
    expect(call.state.local.camera).toEqual({ status: 'starting' });
    devices.allow('camera');
    await settle();
    expect(call.state.local.camera).toEqual({ status: 'on', deviceId: 'default-camera', label: 'default-camera' });
  });

  it.each(['device-denied', 'device-missing', 'device-busy', 'device-failed'] as const)(
    'that fails with %s says so, and the call can begin without it',
    async (code) => {
      await ask(capture('microphone'));
      devices.refuse('microphone', code);
      await settle();
      expect(call.state.local.microphone).toEqual({ status: 'failed', error: code });
      await enter();
      expect(phase()).toBe('in-call');
    },
  );

  it('asked for in a call tells of its failure in a notice that can be dismissed', async () => {
    await enterConnected();
    await ask(capture('camera'));
    devices.refuse('camera', 'device-busy');
    await settle();
    expect(inCall().notice).toBe('device-busy');
    await ask({ type: 'dismiss-notice' });
    expect(inCall().notice).toBe('');
  });

  it('whose prompt nobody answers gets a hint, and is taken when somebody does', async () => {
    await ask(capture('camera'));
    await clock.advance(PROMPT_HINT_MS);
    expect(call.state.local.camera).toEqual({ status: 'failed', error: 'device-unanswered' });
    devices.allow('camera');
    await settle();
    expect(call.state.local.camera.status).toBe('on');
  });

  it.each([
    ['on, off', [true, false], 'off'],
    ['on, off, on', [true, false, true], 'on'],
    ['fifty times, off at last', Array.from({ length: 50 }, (_, i) => i % 2 === 0), 'off'],
  ] as const)('toggled %s, ends as was asked last', async (_, wishes, expected) => {
    for (const on of wishes) call.request(capture('camera', on));
    while (devices.prompts.length > 0) {
      devices.allow('camera');
      await settle();
    }
    expect(call.state.local.camera.status).toBe(expected);
    expect(devices.lights.has('camera')).toBe(expected === 'on');
  });

  it('never has two prompts open at a time', async () => {
    await ask(
      capture('camera'),
      capture('camera', false),
      capture('camera'),
      capture('camera', false),
      capture('camera'),
    );
    expect(devices.prompts).toHaveLength(1);
  });

  it('of a screen that is not chosen is simply off', async () => {
    await enterConnected();
    await ask(capture('screen'));
    devices.dismiss('screen');
    await settle();
    expect(call.state.local.screen).toEqual({ status: 'off' });
    expect(inCall().notice).toBe('');
  });

  it('of a screen is for a call only', async () => {
    await ask(capture('screen'));
    expect(devices.prompts).toEqual([]);
  });

  it('of a screen that the browser’s own bar stops is off', async () => {
    devices.isWilling = true;
    await enterConnected();
    await ask(capture('screen'));
    devices.unplug('screen');
    expect(call.state.local.screen).toEqual({ status: 'off' });
    expect(devices.prompts).toEqual([]);
  });

  it('whose device is unplugged goes on with another', async () => {
    devices.isWilling = true;
    await enterConnected();
    await ask(capture('microphone'));
    devices.unplug('microphone');
    expect(call.state.local.microphone.status).toBe('starting');
    await settle();
    expect(call.state.local.microphone).toMatchObject({ status: 'on', deviceId: 'default-microphone' });
  });

  it('whose device is unplugged while muted goes on muted', async () => {
    devices.isWilling = true;
    await enterConnected();
    await ask(capture('microphone'));
    await ask(capture('microphone', false));
    devices.unplug('microphone');
    await settle();
    expect(call.state.local.microphone.status).toBe('muted');
    expect(devices.muted).toBe(true);
  });

  it('whose devices end one after the other is given up', async () => {
    devices.isWilling = true;
    await enterConnected();
    await ask(capture('camera'));
    devices.unplug('camera');
    await settle();
    await clock.advance(RESTART_WINDOW_MS - 1);
    devices.unplug('camera');
    await settle();
    expect(call.state.local.camera).toEqual({ status: 'failed', error: 'device-failed' });
  });
});

describe('the microphone', () => {
  beforeEach(() => {
    devices.isWilling = true;
  });

  it('turned off in the lobby is released', async () => {
    await ask(capture('microphone'));
    await ask(capture('microphone', false));
    expect([...devices.lights]).toEqual([]);
    expect(call.state.local.microphone.status).toBe('off');
  });

  it('turned off in a call is muted and stays open; on again it is heard without a start', async () => {
    await ask(capture('microphone'));
    await enterConnected();
    await ask(capture('microphone', false));
    expect(call.state.local.microphone).toMatchObject({ status: 'muted', deviceId: 'default-microphone' });
    expect(devices.muted).toBe(true);
    expect(devices.lights.has('microphone')).toBe(true);
    devices.isWilling = false;
    await ask(capture('microphone'));
    expect(call.state.local.microphone.status).toBe('on');
    expect(devices.muted).toBe(false);
  });

  it('changed while muted stays muted', async () => {
    await ask(capture('microphone'));
    await enterConnected();
    await ask(capture('microphone', false), { type: 'choose-device', kind: 'microphone', id: 'headset' });
    expect(call.state.local.microphone).toMatchObject({ status: 'muted', deviceId: 'headset' });
    expect(devices.muted).toBe(true);
  });
});

describe('choosing a device', () => {
  it('that is not in use opens nothing, and is remembered', async () => {
    devices.lists = { microphone: [], camera: [{ id: 'usb', label: 'USB' }], speaker: [] };
    devices.emit({ type: 'list-changed' });
    await settle();
    await ask({ type: 'choose-device', kind: 'camera', id: 'usb' });
    expect(devices.remembered.camera).toEqual({ id: 'usb', label: 'USB' });
    expect(devices.prompts).toEqual([]);
  });

  it('shows the old one until the new one is open', async () => {
    devices.isWilling = true;
    await ask(capture('camera'));
    devices.isWilling = false;
    await ask({ type: 'choose-device', kind: 'camera', id: 'usb' });
    expect(call.state.local.camera).toMatchObject({ status: 'on', deviceId: 'default-camera' });
    devices.allow('camera');
    await settle();
    expect(call.state.local.camera).toMatchObject({ status: 'on', deviceId: 'usb' });
  });

  it('that does not open goes back to the old one, and says why', async () => {
    devices.isWilling = true;
    await ask(capture('camera'));
    await enterConnected();
    devices.isWilling = false;
    await ask({ type: 'choose-device', kind: 'camera', id: 'usb' });
    devices.refuse('camera', 'device-busy');
    await settle();
    devices.allow('camera');
    await settle();
    expect(call.state.local.camera).toMatchObject({ status: 'on', deviceId: 'default-camera' });
    expect(inCall().notice).toBe('device-busy');
  });

  it('to hear with is a fact at once', async () => {
    await ask({ type: 'choose-device', kind: 'speaker', id: 'headset' });
    expect(call.state.local.speakerId).toBe('headset');
  });
});

describe('the roster', () => {
  it('is asked for whole when a revision is missing, once', async () => {
    await enter();
    const gone = { type: 'gone', id: 'x', reason: 'left' } as const;
    room.say({ type: 'change', epoch: 'one', rev: 3, change: gone });
    room.say({ type: 'change', epoch: 'one', rev: 4, change: gone });
    expect(room.resyncs).toEqual([{ epoch: 'one', rev: 1 }]);
    room.say({ type: 'roster', epoch: 'one', rev: 4, locked: false, participants: [publisher('ben', [])] });
    expect(inCall().participants.map(({ id }) => id)).toEqual(['ben']);
    room.say({ type: 'change', epoch: 'one', rev: 9, change: gone });
    expect(room.resyncs).toHaveLength(2);
  });

  it('is not lost with the socket', async () => {
    await enterConnected([publisher('ben', ['camera'])]);
    room.emit({ type: 'lost' });
    expect(inCall()).toMatchObject({ signalling: 'reconnecting', media: 'connected' });
    expect(inCall().participants).toHaveLength(2);
    room.emit({ type: 'open' });
    expect(inCall().signalling).toBe('connected');
  });
});

describe('what is received', () => {
  const sight = (participantId: string, size: number) => ({
    participantId,
    source: 'camera' as const,
    size,
    isInView: true,
  });
  const camera = { ...liveTrack('camera'), rids: ['a', 'b', 'c'] };
  const ben = { ...publisher('ben', ['microphone']), tracks: [liveTrack('microphone'), camera] };
  const wanted = () => sfu.wants.at(-1)?.map(({ source, rid }) => [source, rid].join(' '));

  it('follows what is seen and what the page allows, and is counted', async () => {
    await enterConnected([ben]);
    expect(wanted()).toEqual(['microphone ', 'camera c']);
    call.reportSights({ tiles: [sight('ben', 800)], isPageHidden: false });
    await clock.advance(300);
    expect(wanted()).toEqual(['microphone ', 'camera a']);
    call.limitPictures('none');
    expect(wanted()).toEqual(['microphone ']);
    const received = [{ participantId: 'ben', source: 'microphone' as const, bytes: 400 }];
    sfu.emit({
      type: 'stats',
      stats: { quality: 4, lossIn: 0, lossOut: 0, bitrateIn: 0, bitrateOut: 0, fps: 0, freezes: 0, received },
    });
    expect(inCall().usage).toEqual({ ben: 400 });
  });

  it('is told to its publishers, again after a reconnect, and what others watch limits what is sent', async () => {
    await enterConnected([ben]);
    call.reportSights({ tiles: [sight('ben', 800)], isPageHidden: false });
    await clock.advance(300);
    const told = () => room.announced.flatMap((message) => (message.type === 'layers' ? message.layers : []));
    expect(told().at(-1)).toEqual({ id: 'ben', rid: 'a' });
    const { length } = told();
    room.emit({ type: 'lost' });
    room.emit({ type: 'open' });
    expect(told().slice(length)).toEqual([{ id: 'ben', rid: 'a' }]);

    expect(sfu.demands.at(-1)).toBeUndefined();
    room.emit({ type: 'message', message: { type: 'layers', from: 'ben', rid: 'b' } });
    expect(sfu.demands.at(-1)).toBe('b');
    const { participants } = inCall();
    const change = { type: 'put', participant: publisher('cleo', []) } as const;
    room.emit({ type: 'message', message: { type: 'change', epoch: 'one', rev: 2, change } });
    expect([participants.length, sfu.demands.at(-1)]).toEqual([2, undefined]);
    room.emit({ type: 'message', message: { type: 'layers', from: 'cleo', rid: '' } });
    expect(sfu.demands.at(-1)).toBe('b');
    room.emit({ type: 'open' });
    expect(sfu.demands.at(-1)).toBeUndefined();
  });

  it('ends with the call: a page that is told of afterwards changes nothing', async () => {
    await enterConnected([ben]);
    call.reportSights({ tiles: [], isPageHidden: true });
    await ask({ type: 'leave' });
    expectNothingLeftOn();
    const { length } = sfu.wants;
    call.reportSights({ tiles: [sight('ben', 800)], isPageHidden: false });
    call.limitPictures('none');
    expect(sfu.wants).toHaveLength(length);
    expect(clock.pending).toBe(0);
  });
});

describe('the end of a call', () => {
  it.each(['removed', 'replaced', 'ended'] as const)('that was %s is final', async (reason) => {
    devices.isWilling = true;
    await ask(capture('camera'));
    await enterConnected();
    room.emit({ type: 'closed', reason });
    expect(call.state.call).toEqual({ phase: 'left', reason });
    expectNothingLeftOn();
  });

  it('by leaving tells the broker, and ends everything', async () => {
    devices.isWilling = true;
    await ask(capture('camera'), capture('microphone'));
    await enterConnected();
    await ask(capture('screen'));
    await ask({ type: 'leave' });
    expect(room.leaves).toEqual([false]);
    expect(call.state.call).toEqual({ phase: 'left', reason: 'you-left' });
    expectNothingLeftOn();
  });

  it('leads back to the lobby with the devices that were sending, the screen excepted', async () => {
    devices.isWilling = true;
    await ask(capture('camera'), capture('microphone'));
    await enterConnected();
    await ask(capture('screen'), capture('microphone', false));
    await ask({ type: 'leave' }, { type: 'return-to-lobby' });
    expect(phase()).toBe('lobby');
    expect([...devices.lights]).toEqual(['camera']);
    expect(call.state.local.microphone).toEqual({ status: 'off' });
  });

  it('lets nothing said too late through', async () => {
    await enterConnected();
    await ask({ type: 'leave' });
    const left = call.state;
    room.emit({ type: 'lost' });
    sfu.emit({ type: 'failed', error: 'media-unreachable' });
    sfu.emit({ type: 'speakers', speakers: ['self'] });
    expect(call.state).toBe(left);
  });

  it('by closing the page keeps the seat for a reload', async () => {
    devices.isWilling = true;
    await ask(capture('camera'));
    await enterConnected();
    call.hide();
    expect(room.leaves).toEqual([true]);
    expect(phase()).toBe('left');
    expectNothingLeftOn();
  });

  it('by closing the page in the lobby releases the devices, and coming back opens them again', async () => {
    devices.isWilling = true;
    await ask(capture('camera'));
    call.hide();
    expectNothingLeftOn();
    call.show();
    await settle();
    expect([...devices.lights]).toEqual(['camera']);
  });
});

describe('a call that breaks', () => {
  it('for good is built anew in the same seat, without leaving', async () => {
    devices.isWilling = true;
    await ask(capture('camera'));
    await enterConnected([publisher('ben', [])]);
    sfu.emit({ type: 'failed', error: 'sfu-refused' });
    expect(inCall()).toMatchObject({ media: 'reconnecting', signalling: 'reconnecting' });
    await settle();
    expect(room.joins).toHaveLength(2);
    expect(room.leaves).toEqual([]);
    expect([...devices.lights]).toEqual(['camera']);
    room.lastJoin.accept(joinResponse([publisher('ben', [])]));
    await settle();
    expect(inCall()).toMatchObject({ media: 'connecting', participants: [{ id: 'ben' }, { id: 'me' }] });
  });

  it('because the seat was lost is joined again', async () => {
    await enterConnected();
    room.emit({ type: 'closed', reason: 'unauthorized' });
    await settle();
    expect(room.joins).toHaveLength(2);
    expect(phase()).toBe('in-call');
  });

  it('hears no more of the socket it had before', async () => {
    await enterConnected();
    room.emit({ type: 'closed', reason: 'unauthorized' });
    await settle();
    room.lastJoin.accept(joinResponse());
    await settle();
    room.sockets[0]!({ type: 'closed', reason: 'replaced' });
    expect(phase()).toBe('in-call');
  });

  it('and cannot be built anew ends with the reason', async () => {
    await enterConnected();
    sfu.emit({ type: 'failed', error: 'sfu-refused' });
    await settle();
    room.lastJoin.refuse(new CallError('token-expired'));
    await settle();
    expect(call.state.call).toMatchObject({ phase: 'failed', error: 'token-expired' });
    expectNothingLeftOn();
  });

  it('together with the network waits for it', async () => {
    devices.isWilling = true;
    await ask(capture('camera'));
    await enterConnected();
    sfu.emit({ type: 'failed', error: 'sfu-unreachable' });
    await settle();
    room.lastJoin.refuse(new CallError('broker-unreachable'));
    await settle();
    expect(inCall()).toMatchObject({ media: 'reconnecting', signalling: 'reconnecting' });
    expect([...devices.lights]).toEqual(['camera']);
    await clock.advance(NETWORK_RETRY_MS);
    room.lastJoin.accept(joinResponse());
    await settle();
    expect(room.joins).toHaveLength(3);
    expect(inCall().media).toBe('connecting');
  });

  it('together with the network for good ends with the reason', async () => {
    await enterConnected();
    sfu.emit({ type: 'failed', error: 'sfu-unreachable' });
    for (let waited = 0; waited <= NETWORK_PATIENCE_MS; waited += NETWORK_RETRY_MS) {
      await settle();
      expect(phase()).toBe('in-call');
      room.lastJoin.refuse(new CallError('broker-unreachable'));
      await clock.advance(NETWORK_RETRY_MS);
    }
    expect(call.state.call).toMatchObject({ phase: 'failed', error: 'broker-unreachable' });
    expectNothingLeftOn();
  });

  it('can be left while it waits for the network', async () => {
    await enterConnected();
    sfu.emit({ type: 'failed', error: 'sfu-unreachable' });
    await settle();
    room.lastJoin.refuse(new CallError('broker-unreachable'));
    await settle();
    await ask({ type: 'leave' });
    await clock.advance(NETWORK_PATIENCE_MS);
    expect(phase()).toBe('left');
    expect(room.joins).toHaveLength(2);
    expectNothingLeftOn();
  });

  it('because its seat is lost again and again blames the way to the broker', async () => {
    await enterConnected();
    room.emit({ type: 'closed', reason: 'unauthorized' });
    await settle();
    room.lastJoin.accept(joinResponse());
    await settle();
    sfu.emit({ type: 'connection', state: 'connected' });
    await clock.advance(REJOIN_WINDOW_MS - 1);
    room.emit({ type: 'closed', reason: 'unauthorized' });
    expect(call.state.call).toMatchObject({ phase: 'failed', error: 'broker-unreachable', mayRetry: true });
  });

  it('again and again is given up', async () => {
    await enterConnected();
    sfu.emit({ type: 'failed', error: 'sfu-refused' });
    await settle();
    room.lastJoin.accept(joinResponse());
    await settle();
    sfu.emit({ type: 'connection', state: 'connected' });
    await clock.advance(REJOIN_WINDOW_MS - 1);
    sfu.emit({ type: 'failed', error: 'sfu-refused' });
    expect(call.state.call).toMatchObject({ phase: 'failed', error: 'sfu-refused' });
  });

  it('before it ever worked is given up at once', async () => {
    await enter();
    sfu.emit({ type: 'failed', error: 'media-unreachable' });
    expect(call.state.call).toMatchObject({ phase: 'failed', error: 'media-unreachable' });
    expectNothingLeftOn();
  });

  it('can be left while it is built anew', async () => {
    await enterConnected();
    sfu.emit({ type: 'failed', error: 'sfu-refused' });
    await settle();
    await ask({ type: 'leave' });
    room.lastJoin.accept(joinResponse());
    await settle();
    expect(phase()).toBe('left');
    expectNothingLeftOn();
  });

  it('because this page is too old says so', async () => {
    await enterConnected();
    room.emit({ type: 'closed', reason: 'client-too-old' });
    expect(call.state.call).toMatchObject({ phase: 'failed', error: 'client-too-old', mayRetry: false });
  });
});

describe('media that was given up', () => {
  it('is tried anew in the same seat when the person says so, and the room goes on meanwhile', async () => {
    await enterConnected([publisher('ben', [])]);
    sfu.emit({ type: 'connection', state: 'failed' });
    room.say({ type: 'change', epoch: 'one', rev: 2, change: { type: 'put', participant: publisher('cleo', []) } });
    expect(inCall()).toMatchObject({ media: 'failed', participants: { length: 3 } });
    const joins = room.joins.length;
    call.request({ type: 'join' });
    await settle();
    expect(room.joins).toHaveLength(joins + 1);
    expect(inCall()).toMatchObject({ media: 'reconnecting', participants: { length: 3 } });
    expect(room.leaves).toEqual([]);
  });

  it('is tried anew when the socket comes back, which needs the same network', async () => {
    await enterConnected([publisher('ben', [])]);
    const { wakes } = sfu;
    room.emit({ type: 'open' });
    expect(sfu.wakes).toBe(wakes);
    room.emit({ type: 'lost' });
    room.emit({ type: 'open' });
    expect(sfu.wakes).toBe(wakes + 1);
  });
});

describe('an obstacle', () => {
  const obstacle = { room: 'studio', name: '', obstacle: 'insecure-page', detail: '' } as const;

  it('fails the call before it begins, and nothing can be asked of it', async () => {
    call.configure(obstacle);
    await ask({ type: 'join' }, { type: 'return-to-lobby' }, capture('camera'));
    expect(call.state.call).toMatchObject({ phase: 'failed', error: 'insecure-page', mayRetry: false });
    expect(devices.prompts).toEqual([]);
    expect(room.tokenReads).toBe(0);
  });

  it('removed opens the lobby', () => {
    call.configure(obstacle);
    call.configure({ ...obstacle, obstacle: '' });
    expect(phase()).toBe('lobby');
  });

  it('and everything else the tag says waits for the end of a call', async () => {
    await enterConnected();
    expect(call.configure({ ...obstacle, room: 'kitchen' })).toBe(false);
    expect(call.state.room).toBe('studio');
    expect(phase()).toBe('in-call');
  });
});

describe('another room', () => {
  it('forgets what was made ready for the last one', async () => {
    room.hint = { publish: ['audio'] };
    await ask({ type: 'set-name', name: 'Ann' });
    call.configure({ room: 'kitchen', name: '', obstacle: '', detail: '' });
    expect(sfu.isOpen).toBe(false);
    await ask({ type: 'join' });
    expect(room.tokenReads).toBe(2);
  });
});

it('closing ends everything, in whatever phase', async () => {
  devices.isWilling = true;
  await ask(capture('camera'));
  await enterConnected();
  call.close();
  await settle();
  expectNothingLeftOn();
});

describe('moderation', () => {
  it('MO4 mutes at once what a moderator wants muted, and nothing else', async () => {
    await enterConnected();
    await ask(capture('microphone'), capture('camera'));
    room.emit({ type: 'message', message: { type: 'mute', source: 'microphone' } });
    await settle();
    const { microphone, camera } = call.state.local;
    expect([microphone.status, camera.status]).toEqual(['off', 'starting']);
  });
});
