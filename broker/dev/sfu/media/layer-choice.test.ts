import { describe, expect, test } from 'vitest';
import { rtp } from '../testing/rtp-builder.ts';
import { LAYER_QUIET_MS } from '../timings.ts';
import { Layer } from './layer.ts';
import { chooseLayer, type LayerChoice } from './layer-choice.ts';

const peer = { ssrc: 1, connected: true, send: () => {} };
const NOW = 10_000;

function layer(rid: string, lastPacketAt = NOW): Layer {
  const made = new Layer(peer, rid, 90_000, true);
  made.receive(rtp({ ssrc: 5 }), lastPacketAt, false);
  return made;
}

const [a, b, c] = [layer('a'), layer('b'), layer('c')];
const ORDERED: LayerChoice = { priorityOrdering: 'asciibetical', ridNotAvailable: 'none' };
const off = layer('a', NOW - LAYER_QUIET_MS);

describe('chooseLayer', () => {
  test.each<[string, Layer[], LayerChoice, Layer | undefined, Layer | undefined]>([
    [
      'the preferred one',
      [c, b, a],
      { preferredRid: 'b', priorityOrdering: 'none', ridNotAvailable: 'none' },
      undefined,
      b,
    ],
    [
      'nothing where it is off',
      [off, b],
      { preferredRid: 'a', priorityOrdering: 'none', ridNotAvailable: 'none' },
      b,
      undefined,
    ],
    [
      'the best of the others where asked',
      [c, off, b],
      { preferredRid: 'a', priorityOrdering: 'none', ridNotAvailable: 'asciibetical' },
      c,
      b,
    ],
    ['the first where none is preferred', [c, b], { priorityOrdering: 'none', ridNotAvailable: 'none' }, undefined, b],
    [
      'what flows already rather than a better one',
      [a, b],
      { priorityOrdering: 'none', ridNotAvailable: 'asciibetical' },
      b,
      b,
    ],
    [
      'another when that stops, where asked',
      [off, c],
      { priorityOrdering: 'none', ridNotAvailable: 'asciibetical' },
      off,
      c,
    ],
    ['no other when that stops, by default', [off, c], { priorityOrdering: 'none', ridNotAvailable: 'none' }, off, off],
  ])('%s', (_, layers, choice, current, expected) => {
    expect(chooseLayer(layers, choice, current, NOW)).toBe(expected);
  });

  test.each<[string, Layer[], LayerChoice, number, Layer | undefined]>([
    ['the wanted one while the path carries it', [a, b, c], { ...ORDERED, preferredRid: 'a' }, 0, a],
    ['a later one where it does not', [a, b, c], { ...ORDERED, preferredRid: 'a' }, 1, b],
    ['the last at most', [a, b, c], { ...ORDERED, preferredRid: 'b' }, 5, c],
    ['one that flows', [a, layer('b', NOW - LAYER_QUIET_MS), c], { ...ORDERED, preferredRid: 'a' }, 1, c],
    ['the best where none is preferred', [c, b, a], ORDERED, 0, a],
    [
      'the wanted one by default, carried or not',
      [a, b],
      { ...ORDERED, priorityOrdering: 'none', preferredRid: 'a' },
      1,
      a,
    ],
  ])('in a-z order: %s', (_, layers, choice, stepsDown, expected) => {
    expect(chooseLayer(layers, choice, c, NOW, stepsDown)).toBe(expected);
  });

  test('a track without simulcast has one layer, live or not', () => {
    const only = layer('', 0);
    expect(
      chooseLayer([only], { preferredRid: 'a', priorityOrdering: 'none', ridNotAvailable: 'none' }, undefined, NOW),
    ).toBe(only);
  });
});
