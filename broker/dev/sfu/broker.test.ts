import { describe, expect, test } from 'vitest';
import type { SessionDescription } from '#protocol';
import { Refusal } from '../../src/refusal.ts';
import { SfuClient } from '../../src/sfu/sfu-client.ts';
import { FakeSfu } from '../../src/testing/fake-sfu.ts';
import { startSfu } from './sfu.ts';
import { goldenSdp } from './testing/golden-sdp.ts';

/**
 * The broker's own client of the SFU, with the stand-in and with the double that the broker's tests use in its place. Both
 * hold every call and every answer to the API's shapes.
 */

interface Rig {
  client: SfuClient;
  turn?: SfuClient;
  /** What broke the rules; the double fails the test by itself. */
  violations(): readonly unknown[];
  close(): Promise<void>;
}

const TURN_KEY = { id: 'key', token: 'turn-token' };
const OFFER: SessionDescription = { type: 'offer', sdp: goldenSdp('publish') };
const RECEIVE: SessionDescription = { type: 'offer', sdp: goldenSdp('receive') };
const ANSWER: SessionDescription = { type: 'answer', sdp: goldenSdp('answer') };

const rigs: readonly [string, () => Promise<Rig>][] = [
  [
    'the stand-in',
    async () => {
      const timings = { connectWaitMs: 30 };
      const sfu = await startSfu({ appId: 'app', appToken: 'token', turnKey: TURN_KEY, timings });
      const access = (path: string, token: string): SfuClient => new SfuClient({ baseUrl: sfu.url + path, token });
      return {
        client: access('/apps/app', 'token'),
        turn: access(`/turn/keys/${TURN_KEY.id}`, TURN_KEY.token),
        violations: () => sfu.violations(),
        close: () => sfu.close(),
      };
    },
  ],
  [
    'the double',
    async () => {
      FakeSfu.install();
      const access = { baseUrl: 'https://sfu.test/v1/apps/app', token: 'app-secret' };
      return { client: new SfuClient(access), violations: () => [], close: async () => {} };
    },
  ],
];

/** What the SFU refuses is of no interest here; that its answer can be read is. */
async function attempt<T>(call: Promise<T>): Promise<T | undefined> {
  try {
    return await call;
  } catch (error) {
    if (error instanceof Refusal && error.status !== 502) return undefined;
    throw error;
  }
}

async function useEverything(client: SfuClient): Promise<void> {
  const simulcast = { preferredRid: 'a', ridNotAvailable: 'asciibetical' } as const;
  const publisher = await client.newSession();
  const local = [
    { location: 'local', mid: '0', trackName: 'microphone' },
    { location: 'local', mid: '1', trackName: 'camera' },
  ] as const;
  await client.newTracks(publisher, { sessionDescription: OFFER, tracks: [...local] });
  const remote = { location: 'remote', sessionId: publisher, trackName: 'camera' } as const;
  const unknown = { ...remote, trackName: 'nothing', simulcast };

  const subscriber = await client.newSession();
  await client.newTracks(subscriber, { tracks: [unknown] });
  const pulled = await client.newTracks(subscriber, { tracks: [remote, unknown] });
  if (!pulled.requiresImmediateRenegotiation) await attempt(client.renegotiate(subscriber, ANSWER));
  else await client.renegotiate(subscriber, ANSWER);
  const [mid = ''] = pulled.tracks.map((track) => track.mid).filter(Boolean);
  const update = [
    { ...remote, mid: mid || '0', simulcast },
    { ...unknown, mid: '7' },
  ];
  await attempt(client.updateTracks(subscriber, { tracks: update }, new Map()));
  await attempt(client.closeTracks(subscriber, { force: true, tracks: [{ mid: mid || '0' }, { mid: '7' }] }));

  const offering = await client.newSession();
  await client.newTracks(offering, { sessionDescription: RECEIVE, tracks: [remote, unknown] });
  await attempt(client.closeTracks(offering, { force: false, tracks: [{ mid: '0' }], sessionDescription: RECEIVE }));
  await client.getSession(publisher);
  await attempt(client.getSession('f'.repeat(32)));
}

describe.each(rigs)('between the broker and %s', (_, start) => {
  test('every call and every answer is one of the API', async () => {
    const { client, turn, violations, close } = await start();
    try {
      await useEverything(client);
      if (turn) expect(await turn.generateIceServers(600)).toHaveLength(2);
      expect(violations()).toEqual([]);
    } finally {
      await close();
    }
  });
});
