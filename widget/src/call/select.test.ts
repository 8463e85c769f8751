import { describe, expect, it } from 'vitest';
import { joinResponse, person, publisher, sessionOf } from '../testing/people.ts';
import { reduce, type CallFact } from './reduce.ts';
import * as select from './select.ts';
import { initialState, type CallState, type InCall } from './state.ts';

const ben = publisher('ben', ['microphone', 'screen'], ['microphone']);
const listener = { publish: ['audio'], subscribe: true, chat: true, moderate: false } as const;

function stateAfter(...facts: CallFact[]): CallState {
  const joined: CallFact[] = [{ type: 'joining' }, { type: 'joined', joined: joinResponse([ben, person('ann')]) }];
  return [...joined, ...facts].reduce(reduce, initialState('studio'));
}

function callAfter(...facts: CallFact[]): InCall {
  return select.inCall(stateAfter(...facts))!;
}

describe('in a call', () => {
  it('tiles are the others in order of arrival, and I come last', () => {
    expect(select.tiles(callAfter()).map(({ id }) => id)).toEqual(['ben', 'ann', 'me']);
  });

  it('I know myself', () => {
    expect(select.self(callAfter())?.id).toBe('me');
  });

  it('a muted track is published and sends nothing', () => {
    expect(select.publishedTrack(ben, 'microphone')).toBeDefined();
    expect(select.isSending(ben, 'microphone')).toBe(false);
    expect(select.isSending(ben, 'screen')).toBe(true);
    expect(select.isSending(ben, 'camera')).toBe(false);
  });

  it('a remote track is found by whose and what it is', () => {
    const playing = { status: 'playing' } as const;
    const call = callAfter({ type: 'track', key: `${sessionOf('ben')}/screen-1`, state: playing });
    expect(select.remoteTrack(call, ben, 'screen')).toEqual(playing);
    expect(select.remoteTrack(call, ben, 'microphone')).toBeUndefined();
    expect(select.remoteTrack(call, ben, 'camera')).toBeUndefined();
  });

  it('whoever is heard is speaking', () => {
    const call = callAfter({ type: 'speakers', speakers: ['ben'] });
    expect([select.isSpeaking(call, 'ben'), select.isSpeaking(call, 'ann')]).toEqual([true, false]);
  });
});

describe('what I may publish', () => {
  it('is what the token grants, once it is known', () => {
    const joined: CallFact = { type: 'joined', joined: { ...joinResponse(), grants: listener } };
    const may = (state: CallState) =>
      (['microphone', 'camera', 'screen'] as const).map((source) => select.mayPublish(state, source));
    expect(may(initialState('studio'))).toEqual([true, true, false]);
    expect(may(stateAfter())).toEqual([true, true, true]);
    expect(may(stateAfter(joined))).toEqual([true, false, false]);
  });

  it('is captured where it sends, not where it is muted', () => {
    const capture = (status: 'on' | 'muted'): CallFact => ({
      type: 'captured',
      source: 'microphone',
      capture: { status, deviceId: 'a', label: '' },
    });
    expect(select.isCapturing(stateAfter(capture('on')), 'microphone')).toBe(true);
    expect(select.isCapturing(stateAfter(capture('muted')), 'microphone')).toBe(false);
  });
});
