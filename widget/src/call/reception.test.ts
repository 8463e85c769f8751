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

  it('hears 16, the shared screen and whoever speaks among them, though many come at once', async () => {
    const people = ids(30);
    const sounds = [...people.map((id) => track(id, 'microphone')), track('p29', 'screen-audio')];
    reception.offer(sounds.slice(15));
    await clock.advance(1_000);
    reception.hear(['p25', 'p20']);
    await clock.advance(1_000);
    reception.offer(sounds);
    expect(received()).toHaveLength(16);
    expect(received()).toEqual(expect.arrayContaining(['p29/screen-audio', 'p20/microphone', 'p25/microphone']));
  });

  it('prefers who can be heard to who is muted, and hears who comes off mute at once', () => {
    const people = ids(30);
    const sounds = people.map((id, index) => track(id, 'microphone', { muted: index < 20 }));
    reception.offer(sounds);
    expect(received()).toHaveLength(16);
    expect(received()).toEqual(expect.arrayContaining(people.slice(20).map((id) => `${id}/microphone`)));
    reception.offer(sounds.map((sound) => (sound.participantId === 'p3' ? { ...sound, muted: false } : sound)));
    expect(received()).toContain('p3/microphone');
    expect(received()).toHaveLength(16);
  });

  it('listens to everybody in turn, so that a voice among many silent ones is found', async () => {
    const people = ids(40);
    reception.offer(people.map((id) => track(id, 'microphone')));
    const heard = new Set<string>();
    for (let second = 0; second < 42; second++) {
      for (const id of received()) heard.add(id);
      await clock.advance(1_000);
    }
    expect(heard.size).toBe(40);
    expect(received()).toHaveLength(16);
  });

  it('exchanges four voices every six seconds where all speak at once, and leaves nobody out', async () => {
    const people = ids(50);
    const sounds = people.map((id) => track(id, 'microphone'));
    reception.offer(sounds);
    const heard = new Set(received());
    wants = [];
    for (let tick = 0; tick < 600; tick++) {
      // Only who is received can be heard; the order is another each time.
      const speakers = (wants.at(-1) ?? sounds.slice(0, 16)).map(({ participantId }) => participantId);
      reception.hear(tick % 2 === 0 ? speakers : speakers.toReversed());
      const before = received();
      await clock.advance(100);
      const came = received().filter((id) => !before.includes(id));
      if (before.length > 0) expect([0, 4]).toContain(came.length);
      for (const id of received()) heard.add(id);
    }
    expect(wants.length).toBeGreaterThanOrEqual(9);
    expect(wants.length).toBeLessThanOrEqual(10);
    expect(heard.size).toBe(50);
  });

  it('hears at once, for all that: a screen that is shared, and who comes off mute, in nobody else’s place who speaks', async () => {
    const people = ids(50);
    const sounds = people.map((id, index) => track(id, 'microphone', { muted: index > 40 }));
    reception.offer(sounds);
    await clock.advance(1_000);
    const speakers = received()
      .slice(0, 8)
      .map((id) => id.split('/')[0]!);
    reception.hear(speakers);
    const shared = [
      track('p30', 'screen-audio'),
      ...sounds.map((sound) => ({ ...sound, muted: sound.muted && sound.participantId !== 'p45' })),
    ];
    reception.offer(shared);
    expect(received()).toEqual(
      expect.arrayContaining(['p30/screen-audio', 'p45/microphone', ...speakers.map((id) => `${id}/microphone`)]),
    );
    expect(received()).toHaveLength(16);
    wants = [];
    reception.hear(speakers.toReversed());
    await clock.advance(4_000);
    expect(wants).toEqual([]);
  });

  it('turns a page for the price of one: the next pictures take the places of the last, and back', async () => {
    const people = ids(40);
    const page = (number: number) => people.slice(number * 12, number * 12 + 12);
    const show = async (number: number) => {
      // As the grid tells: first that they are there, then that they are in view.
      see(page(number).map((id) => tile(id, 150, { isInView: false })));
      see(page(number).map((id) => tile(id, 150)));
      await clock.advance(500);
    };
    reception.offer(people.map((id) => track(id)));
    await show(0);
    for (const number of [1, 2, 1, 0]) {
      wants = [];
      await show(number);
      expect(received()).toEqual(page(number).map((id) => `${id}:c`));
      expect(wants).toHaveLength(1);
    }
  });

  it('keeps what was seen last beside fewer in view, to a page together, and all that is in view however many', async () => {
    const people = ids(30);
    reception.offer(people.map((id) => track(id)));
    see(people.slice(0, 10).map((id) => tile(id, 150)));
    await clock.advance(100);
    see(people.slice(0, 10).map((id) => tile(id, 150, { isInView: id !== 'p0' })));
    await clock.advance(100);
    see(people.slice(5, 15).map((id) => tile(id, 150)));
    expect(received()).toHaveLength(12);
    expect(received()).not.toContain('p0:c');
    see(people.slice(0, 25).map((id) => tile(id, 150)));
    expect(received()).toHaveLength(25);
  });

  it('gives up no sound for any number of pictures', () => {
    const people = ids(50);
    see(people.map((id) => tile(id)));
    reception.offer([...people.slice(0, 16).map((id) => track(id, 'microphone')), ...people.map((id) => track(id))]);
    expect(received().filter((id) => id.endsWith('microphone'))).toHaveLength(16);
  });
});
