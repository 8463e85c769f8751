import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { SyntheticCall } from '../load/synthetic-call.ts';
import { timestampDistance } from '../rtp/sequence.ts';
import { PictureLog, type Picture } from '../testing/picture-log.ts';
import { Callers } from './callers.ts';
import { settle } from './settle.ts';
import { startTarget, type Target } from './target.ts';

/**
 * What a change of layer looks like on the wire, where every packet can be seen: a real browser's layers, taken by a client
 * without a browser. Beside the stream that changes it gets each layer by itself, by which all times are measured.
 */

const RIDS = ['a', 'b', 'c'] as const;
const WIDTH = { a: 1280, b: 640, c: 320 } as const;
const FREEZE_MS = 500;
/** At 25 a second, of the new layer, before the next change. */
const PICTURES_AFTER = 5;
/** Between two stays on one layer. */
const DRIFT_MS = 50;
const CLOCK_PER_MS = 90;

let target: Target;
let callers: Callers;
let call: SyntheticCall;

beforeAll(async () => {
  target = await startTarget();
  callers = await Callers.start(target);
  call = new SyntheticCall({ appUrl: target.api, appToken: target.token });
});
afterEach(({ task }) => settle(task, callers));
afterAll(async () => {
  await callers?.close();
  call?.close();
  await target?.close();
});

test('a layer changes on a key frame, without a standstill, in one unbroken stream', { timeout: 30_000 }, async () => {
  const publisher = await callers.publish([{ name: 'pattern', source: 'pattern', rids: [...RIDS] }]);
  for (const rid of RIDS) await publisher.client.do('sending', rid);
  const layer = (preferredRid: string) => ({
    sessionId: publisher.sessionId,
    trackName: 'pattern',
    simulcast: { preferredRid },
  });
  const client = await call.join([]);
  const log = new PictureLog();
  client.onPacket = (packet) => log.take(packet);
  const [changing, ...steady] = await client.pull([layer('c'), ...RIDS.map(layer)]);
  const { mid, ssrc } = changing!;
  const beside = Object.fromEntries(RIDS.map((rid, index) => [rid, steady[index]!.ssrc]));
  // Until a layer's clock is known, the SFU can only guess how its pictures lie to those of another.
  await log.until(() => steady.every((one) => log.clocked.has(one.ssrc)));
  await log.until(() => log.of(ssrc).some(({ width }) => width === WIDTH.c));

  const leads: Partial<Record<string, number>> = {};
  for (const rid of ['a', 'b', 'a', 'c', 'b', 'c'] as const) {
    const steadySsrc = beside[rid]!;
    const start = log.pictures.length;
    // A browser short of processor time may have turned the layer off.
    await log.until(() => log.of(steadySsrc, start).length > 0);
    const before = log.of(ssrc).length;
    await client.update(mid, layer(rid));
    const firstOfLayer = (): number => log.of(ssrc).findIndex(({ width }, at) => at >= before && width === WIDTH[rid]);
    await log.until(() => firstOfLayer() >= 0 && log.of(ssrc).length > firstOfLayer() + PICTURES_AFTER);

    const [last, first] = log.of(ssrc).slice(firstOfLayer() - 1) as [Picture, Picture];
    const stood = log.longestStandstill(ssrc, steadySsrc, start);
    expect(stood, `milliseconds of a standing picture at the change to ${rid}`).toBeLessThan(FREEZE_MS);
    expect(first.step).toBe(1);
    expect(timestampDistance(first.timestamp, last.timestamp)).toBeGreaterThan(0);
    // The same picture came beside: by how much the clocks differ does not change from one stay on a layer to the next.
    const same = log.closestKeyFrame(first, steadySsrc);
    expect(same.width).toBe(first.width);
    const lead = timestampDistance(first.timestamp, same.timestamp) / CLOCK_PER_MS;
    leads[rid] ??= lead;
    expect(Math.abs(lead - leads[rid]), 'drift of the clock in milliseconds').toBeLessThan(DRIFT_MS);
  }
});
