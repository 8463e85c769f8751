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
const off = layer('a', NOW - LAYER_QUIET_MS);

describe('chooseLayer', () => {
  test.each<[string, Layer[], LayerChoice, Layer | undefined, Layer | undefined]>([
    ['the preferred one', [c, b, a], { preferredRid: 'b', ridNotAvailable: 'none' }, undefined, b],
    ['nothing where it is off', [off, b], { preferredRid: 'a', ridNotAvailable: 'none' }, b, undefined],
    ['the best of the others where asked', [c, off, b], { preferredRid: 'a', ridNotAvailable: 'asciibetical' }, c, b],
    ['the first where none is preferred', [c, b], { ridNotAvailable: 'none' }, undefined, b],
    ['what flows already rather than a better one', [a, b], { ridNotAvailable: 'asciibetical' }, b, b],
    ['another when that stops, where asked', [off, c], { ridNotAvailable: 'asciibetical' }, off, c],
    ['no other when that stops, by default', [off, c], { ridNotAvailable: 'none' }, off, off],
  ])('%s', (_, layers, choice, current, expected) => {
    expect(chooseLayer(layers, choice, current, NOW)).toBe(expected);
  });

  test('a track without simulcast has one layer, live or not', () => {
    const only = layer('', 0);
    expect(chooseLayer([only], { preferredRid: 'a', ridNotAvailable: 'none' }, undefined, NOW)).toBe(only);
  });
});
