import { beforeEach, describe, expect, it } from 'vitest';
import type { Source } from '#protocol';
import { FakeClock } from '../testing/fake-clock.ts';
import type { WantedTrack } from './ports.ts';
import { Reception, type TileSight } from './reception.ts';

const LAYERS = ['a', 'b', 'c'];

function track(participantId: string, source: Source = 'camera', changes: Partial<WantedTrack> = {}): WantedTrack {
  const rids = source === 'camera' ? LAYERS : source === 'screen' ? ['a', 'b'] : [];
  return { participantId, sessionId: participantId, trackName: `${source}-1`, source, muted: false, rids, ...changes };
}
const ids = (count: number) => Array.from({ length: count }, (_, index) => `p${index}`);
const tile = (participantId: string, size = 720, changes: Partial<TileSight> = {}): TileSight => ({
  participantId,
  source: 'camera',
  size,
  isInView: true,
  ...changes,
});

let clock: FakeClock;
let reception: Reception;
let wants: (readonly WantedTrack[])[];
/** As `participant:layer`. */
let told: string[][];

/** What is received, as `participant:layer`, or `participant/source` where there are none. */
const received = () =>
  (wants.at(-1) ?? []).map(({ participantId, source, rid }) =>
    source === 'camera' ? `${participantId}:${rid}` : `${participantId}/${source}`,
  );
const see = (tiles: readonly TileSight[], isPageHidden = false) => reception.see({ tiles, isPageHidden });

beforeEach(() => {
  clock = new FakeClock();
  wants = [];
  told = [];
  reception = new Reception(
    clock,
    (tracks) => wants.push(tracks),
    (layers) => told.push(layers.map(({ id, rid }) => `${id}:${rid}`)),
  );
});

describe('what is received', () => {
  it('is everything in its smallest layer before anything is measured', () => {
    reception.offer([track('ann', 'microphone'), track('ann'), track('ben')]);
    expect(received()).toEqual(['ann/microphone', 'ann:c', 'ben:c']);
  });

  it('is the layer of its tile once that is known, and told once', async () => {
    reception.offer([track('ann'), track('ben')]);
    see([tile('ann', 720), tile('ben', 200)]);
    see([tile('ann', 721), tile('ben', 201)]);
    expect(received()).toEqual(['ann:c', 'ben:c']);
    await clock.advance(300);
    expect(received()).toEqual(['ann:a', 'ben:b']);
    expect(wants).toHaveLength(2);
    expect(clock.pending).toBe(0);
  });

  it('is the right layer from the start where the tile was there before the picture', () => {
    reception.offer([]);
    see([tile('ann', 200)]);
    reception.offer([track('ann')]);
    expect(received()).toEqual(['ann:b']);
  });

  it('is the one encoding of a publisher without layers', () => {
    reception.offer([track('ann', 'camera', { rids: [] })]);
    see([tile('ann', 100)]);
    expect(wants).toEqual([[track('ann', 'camera', { rids: [] })]]);
  });

  it('follows a participant into a new session without a step down', async () => {
    see([tile('ann')]);
    reception.offer([track('ann')]);
    expect(received()).toEqual(['ann:a']);
    reception.offer([track('ann', 'camera', { sessionId: 'other' })]);
    expect(received()).toEqual(['ann:a']);
  });
});

describe('what nobody sees', () => {
  beforeEach(() => {
    see([tile('ann'), tile('ben')]);
    reception.offer([track('ann', 'microphone'), track('ann'), track('ben')]);
  });

  it('rests after a second out of view, is let go of after ten, and is back at once', async () => {
    see([tile('ann'), tile('ben', 720, { isInView: false })]);
    await clock.advance(999);
    expect(received()).toEqual(['ann/microphone', 'ann:a', 'ben:a']);
    await clock.advance(1);
    expect(received()).toEqual(['ann/microphone', 'ann:a', 'ben:c']);
    await clock.advance(9_000);
    expect(received()).toEqual(['ann/microphone', 'ann:a']);
    see([tile('ann'), tile('ben')]);
    expect(received()).toEqual(['ann/microphone', 'ann:a', 'ben:a']);
  });

  it('is what has no tile any more, too', async () => {
    see([tile('ann')]);
    await clock.advance(10_000);
    expect(received()).toEqual(['ann/microphone', 'ann:a']);
  });

  it('does not rest for a tile that has no size for a moment', async () => {
    see([tile('ann', 0), tile('ben', 0)]);
    await clock.advance(200);
    see([tile('ann'), tile('ben')]);
    await clock.advance(5_000);
    expect(received()).toEqual(['ann/microphone', 'ann:a', 'ben:a']);
    expect(wants).toHaveLength(1);
    see([tile('ann', 0), tile('ben', 0)]);
    await clock.advance(1_000);
    expect(received()).toEqual(['ann/microphone', 'ann:c', 'ben:c']);
  });

  it('is everything while the page is hidden: small after 5 s, sound alone after 30 s, and back at once', async () => {
    see([tile('ann'), tile('ben')], true);
    await clock.advance(4_999);
    expect(received()).toEqual(['ann/microphone', 'ann:a', 'ben:a']);
    await clock.advance(1);
    expect(received()).toEqual(['ann/microphone', 'ann:c', 'ben:c']);
    await clock.advance(25_000);
    expect(received()).toEqual(['ann/microphone']);
    see([tile('ann'), tile('ben')]);
    expect(received()).toEqual(['ann/microphone', 'ann:a', 'ben:a']);
  });

  it('leaves no timer when the call ends, and begins anew with the next', async () => {
    see([tile('ann')]);
    reception.stop();
    expect(clock.pending).toBe(0);
    const { length } = wants;
    await clock.advance(20_000);
    expect(wants).toHaveLength(length);
    see([tile('ann'), tile('ben')]);
    reception.offer([track('ben')]);
    expect(received()).toEqual(['ben:a']);
  });
});

describe('what publishers are told', () => {
  it('is the layer of theirs that is watched, where that changed', async () => {
    see([tile('ann'), tile('ben', 200)]);
    reception.offer([track('ann', 'microphone'), track('ann'), track('ben'), track('ann', 'screen')]);
    expect(told).toEqual([['ann:a', 'ben:b']]);
    see([tile('ann'), tile('ben', 200, { isInView: false })]);
    await clock.advance(1_000);
    await clock.advance(9_000);
    expect(told).toEqual([['ann:a', 'ben:b'], ['ben:c'], ['ben:']]);
  });

  it('is told again to a new session, and to everybody where it may be lost', () => {
    see([tile('ann')]);
    reception.offer([track('ann')]);
    reception.offer([track('ann', 'camera', { sessionId: 'other' })]);
    reception.tellAgain();
    expect(told).toEqual([['ann:a'], ['ann:a'], ['ann:a']]);
  });

  it('is nothing to those who send one encoding', () => {
    see([tile('ann')]);
    reception.offer([track('ann', 'camera', { rids: [] })]);
    reception.limit('none');
    expect(told).toEqual([]);
  });
});

describe('what the page allows', () => {
  it('is small pictures, or none, at once and back again', () => {
    see([tile('ann')]);
    reception.offer([track('ann', 'microphone'), track('ann'), track('ann', 'screen')]);
    reception.limit('small');
    expect(received()).toEqual(['ann/microphone', 'ann:c', 'ann/screen']);
    expect(wants.at(-1)?.at(-1)?.rid).toBe('b');
    reception.limit('none');
    expect(received()).toEqual(['ann/microphone']);
    reception.limit('all');
    expect(received()).toEqual(['ann/microphone', 'ann:a', 'ann/screen']);
  });
});

describe('a large room', () => {
  it('receives a page of pictures before it is seen, then what is seen', async () => {
    const people = ids(50);
    reception.offer(people.map((id) => track(id)));
    expect(received()).toHaveLength(12);
    see(people.slice(20, 29).map((id) => tile(id, 150)));
    expect(received().slice(-9)).toEqual(people.slice(20, 29).map((id) => `${id}:c`));
    await clock.advance(10_000);
    expect(received()).toEqual(people.slice(20, 29).map((id) => `${id}:c`));
    expect(clock.pending).toBe(0);
  });

  it('hears 16, the shared screen and whoever spoke last among them', () => {
    const people = ids(30);
    const sounds = [...people.map((id) => track(id, 'microphone')), track('p29', 'screen-audio')];
    reception.offer(sounds);
    reception.hear(['p25', 'p20']);
    reception.hear([]);
    expect(received()).toHaveLength(16);
    expect(received().slice(0, 3)).toEqual(['p29/screen-audio', 'p20/microphone', 'p25/microphone']);
  });

  it('prefers who can be heard to who is muted, and hears who comes off mute at once', () => {
    const people = ids(30);
    const sounds = people.map((id, index) => track(id, 'microphone', { muted: index < 20 }));
    reception.offer(sounds);
    expect(received().slice(0, 10)).toEqual(people.slice(20).map((id) => `${id}/microphone`));
    reception.offer(sounds.map((sound) => (sound.participantId === 'p3' ? { ...sound, muted: false } : sound)));
    expect(received()[0]).toBe('p3/microphone');
  });

  it('listens to everybody in turn, so that a voice among many silent ones is found', async () => {
    const people = ids(40);
    reception.offer(people.map((id) => track(id, 'microphone')));
    const heard = new Set<string>();
    for (let turn = 0; turn < 13; turn++) {
      for (const id of received()) heard.add(id);
      await clock.advance(3_000);
    }
    expect(heard.size).toBe(40);
    expect(received()).toHaveLength(16);
  });

  it('gives up no sound for any number of pictures', () => {
    const people = ids(50);
    see(people.map((id) => tile(id)));
    reception.offer([...people.slice(0, 16).map((id) => track(id, 'microphone')), ...people.map((id) => track(id))]);
    expect(received().filter((id) => id.endsWith('microphone'))).toHaveLength(16);
  });
});
