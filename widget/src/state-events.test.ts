import { describe, expect, it } from 'vitest';
import { reduce, type CallFact } from './call/reduce.ts';
import { initialState, type CallState } from './call/state.ts';
import { stateEvents } from './state-events.ts';
import { joinResponse, mediaStats, person } from './testing/people.ts';

const JOINED: CallFact[] = [{ type: 'joining' }, { type: 'joined', joined: joinResponse([person('ben')]) }];
const roster = (...ids: string[]): CallFact => ({
  type: 'roster',
  roster: { epoch: 'one', rev: 2, locked: false, participants: [...ids.map((id) => person(id)), person('me')] },
});

/** The events of the last fact, each as its type and own fields. */
function eventsOf(...facts: CallFact[]): unknown[] {
  const last = facts.pop()!;
  const before = facts.reduce(reduce, initialState('studio'));
  return told(before, reduce(before, last));
}

function told(before: CallState, after: CallState): unknown[] {
  return [...stateEvents(before, after)].map((event) => {
    expect(event).toMatchObject({ bubbles: true, composed: true, cancelable: false });
    return { type: event.type, ...Object.fromEntries(Object.entries(event).filter(([key]) => key !== 'isTrusted')) };
  });
}

describe('the page is told', () => {
  it('of entering: the phase, then the call, then who is there', () => {
    expect(eventsOf(...JOINED)).toEqual([
      { type: 'call-state-changed', phase: 'in-call', previous: 'joining' },
      { type: 'call-joined', participantId: 'me' },
      { type: 'participant-joined', participant: person('ben') },
    ]);
  });

  it('of coming and going of others, not of oneself', () => {
    expect(eventsOf(...JOINED, roster('cleo'))).toEqual([
      { type: 'participant-left', participant: person('ben') },
      { type: 'participant-joined', participant: person('cleo') },
    ]);
  });

  it('nothing of a roster in which nobody came or went', () => {
    expect(eventsOf(...JOINED, roster('ben'))).toEqual([]);
  });

  it('of leaving, with the reason, and of nobody else’s leaving', () => {
    expect(eventsOf(...JOINED, { type: 'left', reason: 'removed' })).toEqual([
      { type: 'call-state-changed', phase: 'left', previous: 'in-call' },
      { type: 'call-left', reason: 'removed' },
    ]);
  });

  it('of a call that fails', () => {
    expect(eventsOf(...JOINED, { type: 'failed', error: 'media-unreachable', detail: 'x' })).toEqual([
      { type: 'call-state-changed', phase: 'failed', previous: 'in-call' },
      { type: 'call-left', reason: 'failed' },
      { type: 'call-error', code: 'media-unreachable', detail: 'x', isFatal: true },
    ]);
  });

  it('of a join given up, which is no call left', () => {
    expect(eventsOf({ type: 'joining' }, { type: 'left', reason: 'you-left' })).toEqual([
      { type: 'call-state-changed', phase: 'left', previous: 'joining' },
    ]);
  });

  it('of speech while muted, once for as long as it goes on', () => {
    const heard: CallFact = { type: 'muted-speech', isHeard: true };
    const over: CallFact = { type: 'muted-speech', isHeard: false };
    expect(eventsOf(...JOINED, heard)).toEqual([{ type: 'muted-speech-noticed' }]);
    expect(eventsOf(...JOINED, heard, { type: 'speakers', speakers: [] })).toEqual([]);
    expect(eventsOf(...JOINED, heard, over)).toEqual([]);
    expect(eventsOf(...JOINED, heard, over, heard)).toHaveLength(1);
  });

  it('of what fails beside the call, once', () => {
    const notice: CallFact = { type: 'noticed', notice: 'device-busy' };
    expect(eventsOf(...JOINED, notice)).toEqual([
      { type: 'call-error', code: 'device-busy', detail: '', isFatal: false },
    ]);
    expect(eventsOf(...JOINED, notice, { type: 'noticed', notice: '' })).toEqual([]);
    expect(eventsOf(...JOINED, notice, { type: 'media', connection: 'connected' })).toEqual([
      { type: 'connection-changed', media: 'connected', signalling: 'connecting', quality: 0 },
    ]);
  });

  it('of how well the connections do, and of another quality once', () => {
    const stats = (freezes: number): CallFact => ({ type: 'stats', stats: mediaStats({ quality: 2, freezes }) });
    const told = { type: 'connection-changed', media: 'connecting', signalling: 'connecting', quality: 2 };
    expect(eventsOf(...JOINED, stats(0))).toEqual([told, { type: 'stats-updated', stats: mediaStats({ quality: 2 }) }]);
    expect(eventsOf(...JOINED, stats(0), stats(1))).toMatchObject([{ type: 'stats-updated', stats: { freezes: 1 } }]);
  });

  it('of one’s own media, by what became of it', () => {
    const capture = { status: 'on', deviceId: 'a', label: '' } as const;
    expect(eventsOf({ type: 'captured', source: 'camera', capture })).toEqual([
      { type: 'media-changed', source: 'camera', status: 'on' },
    ]);
  });

  it('of the active speaker, not of silence', () => {
    const speakers = (...ids: string[]): CallFact => ({ type: 'speakers', speakers: ids });
    expect(eventsOf(...JOINED, speakers('ben', 'self'))).toEqual([{ type: 'speaker-changed', participantId: 'ben' }]);
    expect(eventsOf(...JOINED, speakers('ben'), speakers())).toEqual([]);
  });

  it('of what is received, in all and by participant', () => {
    const received: CallFact = {
      type: 'stats',
      stats: mediaStats({
        quality: 0,
        received: [
          { participantId: 'ben', source: 'camera', bytes: 5 },
          { participantId: 'cleo', source: 'camera', bytes: 2 },
        ],
      }),
    };
    expect(eventsOf(...JOINED, received)).toMatchObject([
      { type: 'stats-updated' },
      { type: 'usage-changed', bytes: 7, participants: { ben: 5, cleo: 2 } },
    ]);
  });

  it('nothing where nothing changed', () => {
    const state = JOINED.reduce(reduce, initialState('studio'));
    expect(told(state, state)).toEqual([]);
  });
});
