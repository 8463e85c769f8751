import { beforeEach, describe, expect, it } from 'vitest';
import { MutedSpeech } from './muted-speech.ts';

const LOUD = 0.1;
const QUIET = 0.005;

let speech: MutedSpeech;

/** Reads ten times a second for so long, and returns what was told, without repetitions. */
function hear(seconds: number, level: (index: number) => number, isMuted = true): boolean[] {
  const told: boolean[] = [];
  for (let index = 0; index < seconds * 10; index++) {
    speech.read(level(index), isMuted);
    const { isHeard } = speech;
    if (told.at(-1) !== isHeard) told.push(isHeard);
  }
  return told;
}
const speaking = (index: number) => (index % 5 < 3 ? LOUD : QUIET);
const silent = () => QUIET;

beforeEach(() => {
  speech = new MutedSpeech();
});

describe('speech while muted', () => {
  it('is told within two seconds, with the gaps that speech has', () => {
    expect(hear(2, speaking)).toEqual([false, true]);
  });

  it('is no cough, no key that is struck, and no quiet room', () => {
    expect(hear(30, (index) => (index % 20 < 3 ? 0.5 : QUIET))).toEqual([false]);
    expect(hear(30, silent)).toEqual([false]);
  });

  it('is told once for as long as it goes on, pauses for breath included', () => {
    hear(2, speaking);
    expect(hear(60, (index) => (index % 50 < 25 ? LOUD : QUIET))).toEqual([true]);
    expect(hear(6, silent)).toEqual([true, false]);
  });

  it('is over after some seconds of quiet, and not told again right after', () => {
    hear(2, speaking);
    expect(hear(4, silent)).toEqual([true]);
    expect(hear(6, silent)).toEqual([true, false]);
    expect(hear(20, speaking)).toEqual([false]);
    expect(hear(10, speaking)).toEqual([false, true]);
  });

  it('is not told for what was said while it was not to be told', () => {
    hear(2, speaking);
    hear(10, silent);
    hear(20, speaking);
    expect(hear(60, silent)).toEqual([false]);
  });

  it('is over at once off mute, and told anew on mute', () => {
    hear(2, speaking);
    expect(hear(0.1, speaking, false)).toEqual([false]);
    hear(60, speaking, false);
    expect(hear(2, speaking)).toEqual([false, true]);
  });
});
