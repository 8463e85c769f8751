import { describe, expect, it } from 'vitest';
import type { Source } from '#protocol';
import { joinResponse, mediaStats, publisher, sessionOf } from '../testing/people.ts';
import type { CallErrorCode } from './errors.ts';
import { reduce, type CallFact } from './reduce.ts';
import { initialState, type CallPhase, type CallState, type InCall } from './state.ts';

const ben = publisher('ben', ['microphone', 'camera']);
const JOINED: CallFact = { type: 'joined', joined: joinResponse([ben]) };
const microphone = `${sessionOf('ben')}/microphone-1`;

function after(...facts: CallFact[]): CallState {
  return facts.reduce(reduce, initialState('studio'));
}

const PHASES: Record<CallPhase['phase'], CallState> = {
  lobby: after(),
  joining: after({ type: 'joining' }),
  waiting: after({ type: 'joining' }, { type: 'waiting' }),
  'in-call': after({ type: 'joining' }, JOINED),
  left: after({ type: 'joining' }, { type: 'left', reason: 'you-left' }),
  failed: after({ type: 'failed', error: 'broker-unreachable', detail: 'no answer' }),
};

function callAfter(...facts: CallFact[]): InCall {
  const { call } = facts.reduce(reduce, PHASES['in-call']);
  if (call.phase !== 'in-call') throw new Error(call.phase);
  return call;
}

describe('phases', () => {
  // Which phase each fact leads to from each phase; a dash: the state stays the very same object.
  const table: [CallFact, Record<CallPhase['phase'], CallPhase['phase'] | '-'>][] = [
    [
      { type: 'joining' },
      { lobby: 'joining', joining: '-', waiting: '-', 'in-call': '-', left: 'joining', failed: 'joining' },
    ],
    [JOINED, { lobby: '-', joining: 'in-call', waiting: 'in-call', 'in-call': 'in-call', left: '-', failed: '-' }],
    [
      { type: 'left', reason: 'removed' },
      { lobby: '-', joining: 'left', waiting: 'left', 'in-call': 'left', left: '-', failed: '-' },
    ],
    [
      { type: 'failed', error: 'sfu-timeout', detail: '' },
      { lobby: 'failed', joining: 'failed', waiting: 'failed', 'in-call': 'failed', left: 'failed', failed: 'failed' },
    ],
    [
      { type: 'lobby-entered', notice: '' },
      { lobby: '-', joining: 'lobby', waiting: 'lobby', 'in-call': '-', left: 'lobby', failed: 'lobby' },
    ],
    [
      { type: 'noticed', notice: 'device-busy' },
      { lobby: 'lobby', joining: '-', waiting: '-', 'in-call': 'in-call', left: '-', failed: '-' },
    ],
    [
      { type: 'media', connection: 'reconnecting' },
      { lobby: '-', joining: '-', waiting: '-', 'in-call': 'in-call', left: '-', failed: '-' },
    ],
    [
      { type: 'track', key: microphone, state: { status: 'playing' } },
      { lobby: '-', joining: '-', waiting: '-', 'in-call': 'in-call', left: '-', failed: '-' },
    ],
    [
      { type: 'waiting' },
      { lobby: '-', joining: 'waiting', waiting: 'waiting', 'in-call': 'waiting', left: '-', failed: '-' },
    ],
    [
      { type: 'signalling', connection: 'reconnecting' },
      { lobby: '-', joining: '-', waiting: 'waiting', 'in-call': 'in-call', left: '-', failed: '-' },
    ],
    [
      { type: 'knocks', knocks: [{ id: 'cleo', name: 'Cleo' }] },
      { lobby: '-', joining: '-', waiting: '-', 'in-call': 'in-call', left: '-', failed: '-' },
    ],
  ];
  for (const [fact, row] of table)
    for (const [phase, expected] of Object.entries(row) as [CallPhase['phase'], string][])
      it(`${fact.type} in ${phase}: ${expected}`, () => {
        const next = reduce(PHASES[phase], fact);
        if (expected === '-') expect(next).toBe(PHASES[phase]);
        else expect(next.call.phase).toBe(expected);
        if (expected === phase) expect(next).not.toBe(PHASES[phase]);
      });

  it('tells of a failure whether trying again can help', () => {
    const mayRetry = (error: CallErrorCode) => after({ type: 'failed', error, detail: '' }).call;
    expect(mayRetry('broker-unreachable')).toMatchObject({ mayRetry: true });
    expect(mayRetry('token-expired')).toMatchObject({ mayRetry: false });
  });

  it('keeps what I captured through every phase', () => {
    const capture = { status: 'on', deviceId: 'a', label: 'A' } as const;
    const state = after({ type: 'captured', source: 'camera', capture }, { type: 'joining' }, JOINED);
    expect(state.local.camera).toEqual(capture);
  });

  it('takes another room outside a call only', () => {
    const fact: CallFact = { type: 'room-set', room: 'kitchen' };
    const rooms = Object.entries(PHASES).map(([phase, state]) => [phase, reduce(state, fact).room]);
    expect(Object.fromEntries(rooms)).toEqual({
      lobby: 'kitchen',
      joining: 'studio',
      waiting: 'studio',
      'in-call': 'studio',
      left: 'kitchen',
      failed: 'kitchen',
    });
  });
});

describe('a fact that says nothing new', () => {
  const facts: CallFact[] = [
    { type: 'captured', source: 'camera', capture: { status: 'on', deviceId: 'a', label: 'A' } },
    { type: 'captured', source: 'camera', capture: { status: 'failed', error: 'device-busy' } },
    { type: 'named', name: 'Ann', mayRename: true },
    { type: 'speaker-chosen', id: 'a' },
    { type: 'track', key: microphone, state: { status: 'playing' } },
    { type: 'track', key: microphone, state: { status: 'failed', errorCode: 'x' } },
    { type: 'speakers', speakers: ['ben', 'self'] },
    { type: 'media', connection: 'connected' },
    { type: 'signalling', connection: 'connected' },
    { type: 'sound', blocked: true },
    { type: 'knocks', knocks: [{ id: 'cleo', name: 'Cleo' }] },
    { type: 'granted', grants: { publish: ['audio'], subscribe: true, chat: true, moderate: false } },
    { type: 'ending', minutes: 5 },
    { type: 'noticed', notice: 'device-busy' },
  ];
  it.each(facts)('leaves the snapshot as it is: $type', (fact) => {
    const once = reduce(PHASES['in-call'], fact);
    expect(once).not.toBe(PHASES['in-call']);
    expect(reduce(once, structuredClone(fact))).toBe(once);
  });

  it('but tells a device from another, and a mute from its undoing', () => {
    const on = (deviceId: string): CallFact => ({
      type: 'captured',
      source: 'microphone',
      capture: { status: 'on', deviceId, label: '' },
    });
    const muted: CallFact = {
      type: 'captured',
      source: 'microphone',
      capture: { status: 'muted', deviceId: 'a', label: '' },
    };
    expect(after(on('a'), on('b')).local.microphone).toMatchObject({ deviceId: 'b' });
    expect(after(on('a'), muted).local.microphone).toMatchObject({ status: 'muted' });
    expect(after(muted, on('a')).local.microphone).toMatchObject({ status: 'on' });
  });
});

describe('in a call', () => {
  it('I am who the broker says, and everything still has to connect', () => {
    expect(PHASES['in-call'].call).toMatchObject({
      selfId: 'me',
      epoch: 'one',
      rev: 1,
      participants: [{ id: 'ben' }, { id: 'me' }],
      tracks: {},
      media: 'connecting',
      signalling: 'connecting',
    });
  });

  it('a track is known until the engine lets go of it', () => {
    const playing: CallFact = { type: 'track', key: microphone, state: { status: 'playing' } };
    expect(callAfter(playing).tracks).toEqual({ [microphone]: { status: 'playing' } });
    expect(callAfter(playing, { type: 'track', key: microphone, state: undefined }).tracks).toEqual({});
  });

  it('nothing is kept of somebody who is gone', () => {
    const call = callAfter(
      { type: 'track', key: microphone, state: { status: 'playing' } },
      { type: 'speakers', speakers: ['ben', 'self'] },
      { type: 'roster', roster: { ...joinResponse().roster, rev: 2 } },
    );
    expect(call).toMatchObject({ rev: 2, tracks: {}, speakers: ['me'], activeSpeaker: '' });
  });

  it('nothing is kept of a session that somebody replaced', () => {
    const moved = { ...ben, sessionId: 'another', tracks: [] };
    const call = callAfter(
      { type: 'track', key: microphone, state: { status: 'playing' } },
      { type: 'roster', roster: { epoch: 'one', rev: 2, locked: false, participants: [moved] } },
    );
    expect(call.tracks).toEqual({});
  });

  it('who may not moderate any more is not told any more who waits', () => {
    const host = { publish: [], subscribe: true, chat: true, moderate: true };
    const facts: CallFact[] = [
      { type: 'granted', grants: host },
      { type: 'knocks', knocks: [{ id: 'cleo', name: 'Cleo' }] },
    ];
    expect(callAfter(...facts, { type: 'granted', grants: { ...host, chat: false } }).knocks).toHaveLength(1);
    expect(callAfter(...facts, { type: 'granted', grants: { ...host, moderate: false } }).knocks).toEqual([]);
  });

  it('the active speaker is the last other person heard, and stays through silence', () => {
    expect(callAfter({ type: 'speakers', speakers: ['self', 'ben'] }).activeSpeaker).toBe('ben');
    expect(callAfter({ type: 'speakers', speakers: ['ben'] }, { type: 'speakers', speakers: [] }).activeSpeaker).toBe(
      'ben',
    );
    expect(callAfter({ type: 'speakers', speakers: ['self'] }).activeSpeaker).toBe('');
  });

  it('somebody the roster does not know is not shown speaking', () => {
    expect(callAfter({ type: 'speakers', speakers: ['ghost', 'self'] }).speakers).toEqual(['me']);
  });
});

describe('what was received', () => {
  const received = (participantId: string, bytes: number, source: Source = 'camera'): CallFact => ({
    type: 'stats',
    stats: mediaStats({ received: [{ participantId, source, bytes }] }),
  });

  it('is added up by participant, whatever the source, and outlives who goes and a call that is rebuilt', () => {
    const facts = [received('ben', 1_000), received('ben', 50, 'microphone'), received('cleo', 7)];
    expect(callAfter(...facts).usage).toEqual({ ben: 1_050, cleo: 7 });
    const gone: CallFact = { type: 'roster', roster: joinResponse().roster };
    expect(callAfter(...facts, gone).usage).toEqual({ ben: 1_050, cleo: 7 });
    expect(callAfter(...facts, JOINED).usage).toEqual({ ben: 1_050, cleo: 7 });
  });

  it('is told only where something was, and begins anew with the next call', () => {
    expect(callAfter(received('ben', 0)).usage).toBe(callAfter().usage);
    const left = [received('ben', 1), { type: 'left', reason: 'you-left' }, { type: 'joining' }, JOINED] as CallFact[];
    expect(callAfter(...left).usage).toEqual({});
  });
});
