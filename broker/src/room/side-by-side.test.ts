import { env } from 'cloudflare:workers';
import { assert, asyncProperty, constantFrom, oneof, string } from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { isId } from '#protocol';
import { CAMERA, MICROPHONE, Member, call, cleanUp, mint, publishing, room } from '../testing/client.ts';
import { FakeSfu } from '../testing/fake-sfu.ts';
import { storedState } from '../testing/stored-state.ts';

let sfu: FakeSfu;
beforeEach(() => {
  sfu = FakeSfu.install();
  vi.spyOn(console, 'log').mockImplementation(() => undefined);
});
afterEach(() => cleanUp());

const newSession = async (member: Member) =>
  ((await (await member.call('POST', '/sessions/new')).json()) as { sessionId: string }).sessionId;

describe('an SFU that hangs', () => {
  it('SF11 RM2 delays nobody but who has asked it', async () => {
    const [ann, bob] = [await Member.live({ sub: 'ann' }), await Member.live({ sub: 'bob' })];
    const sessionId = await newSession(ann);
    const held = sfu.hold('tracks/new');
    let isAnswered = false;
    const tracks = [{ location: 'remote', sessionId: bob.publishSession, trackName: CAMERA.trackName }];
    const hanging = ann
      .call('POST', `/sessions/${sessionId}/tracks/new`, { tracks })
      .finally(() => (isAnswered = true));
    await held.reached();
    const started = performance.now();
    await bob.say({ type: 'chat', key: 'k', text: 'hi' });
    await ann.next('chat');
    await ann.say({ type: 'hand', raised: true });
    await bob.next('change', (change) => change.type === 'put' && change.participant.hand !== undefined);
    expect(await newSession(bob)).toMatch(/^[0-9a-f]{32}$/);
    expect((await Member.join({ sub: 'cat' }, { publish: publishing() })).joined.publish).toHaveProperty('sessionId');
    expect([isAnswered, performance.now() - started < 3_000]).toEqual([false, true]);
    held.release();
    expect((await hanging).status).toBe(200);
  });

  it('SF4 SF11 whatever order its answers come in, what two calls have made in one session is kept, and closed in the end', async () => {
    const ann = await Member.join();
    await ann.connect();
    const sessionId = await newSession(ann);
    const { sessionDescription, tracks } = publishing();
    const publish = (index: number) =>
      ann.call('POST', `/sessions/${sessionId}/tracks/new`, {
        sessionDescription: { ...sessionDescription, sdp: onlySection(sessionDescription.sdp, index) },
        tracks: [tracks[index]],
      });
    const held = sfu.hold('tracks/new');
    const first = publish(0);
    await held.reached();
    expect((await publish(1)).status).toBe(200);
    held.release();
    expect((await first).status).toBe(200);
    await ann.say({ type: 'tracks', sessionId, tracks: [MICROPHONE, CAMERA] });
    await ann.next('change', (change) => change.type === 'put' && change.participant.tracks.length === 2);
    await ann.call('POST', '/leave');
    await vi.waitFor(() => expect(sfu.open).toEqual([]));
  });
});

it('HS5 SF11 two joins at the same instant share one seat: one has it, and the media of the other is closed', async () => {
  const bearer = await mint();
  const join = () => call('POST', `/rooms/${room()}/join`, { bearer, body: { protocol: 1, publish: publishing() } });
  const held = [sfu.hold('tracks/new'), sfu.hold('tracks/new')];
  const joins = [join(), join()];
  await Promise.all(held.map((each) => each.reached()));
  for (const each of held) each.release();
  const statuses = (await Promise.all(joins)).map(({ status }) => status);
  expect(statuses.sort()).toEqual([200, 401]);
  await vi.waitFor(() => expect(sfu.open).toHaveLength(2));
  expect((await storedState(room()))?.seats.size).toBe(1);
});

describe('names of rooms', () => {
  const trick = oneof(
    constantFrom(
      'a:b',
      'A',
      'a',
      'é',
      'e\u0301',
      '__proto__',
      'constructor',
      'x'.repeat(129),
      '',
      '.',
      '..',
      'a/b',
      '%61',
      'a%00',
    ),
    string({ maxLength: 6 }),
  );

  it('TK4 HS2 A2 no two names open the same room, and what is no name opens none', async () => {
    await assert(
      asyncProperty(trick, trick, async (own, other) => {
        if (own === other) return;
        if (isId(own) && isId(other))
          expect(env.ROOMS.idFromName(own).toString()).not.toBe(env.ROOMS.idFromName(other).toString());
        const path = `/rooms/${encodeURIComponent(other)}/join`;
        const { status } = await call('POST', path, { bearer: await mint({ room: own }) });
        expect([401, 404]).toContain(status);
      }),
      { numRuns: 60 },
    );
  });
});

describe('clients and rows of other versions', () => {
  it('HS1 HS3 HS11 a newer client is served in the words that both know', async () => {
    const bearer = await mint();
    const body = { protocol: 2, wishes: { hologram: true } };
    const response = await call('POST', `/rooms/${room()}/join`, { bearer, body });
    expect(response.status).toBe(200);
    const ann = new Member(room(), (await response.json()) as never);
    expect(ann.joined.protocol).toBe(1);
    await ann.connect();
    await ann.say(JSON.stringify({ type: 'hello', protocol: 2, epoch: '', rev: 0, wishes: 1 }));
    expect((await ann.next('roster')).participants).toHaveLength(1);
    await ann.say(JSON.stringify({ type: 'hologram' }));
    expect(await ann.next('error')).toMatchObject({ errorCode: 'decoding_error' });
    await ann.say({ type: 'hand', raised: true });
    await ann.next('change');
  });

  it('HS3 CL7 an older client is told so, by the join and by its socket', async () => {
    const bearer = await mint();
    expect((await call('POST', `/rooms/${room()}/join`, { bearer, body: { protocol: 0 } })).status).toBe(426);
    const ann = await Member.join();
    await ann.connect();
    await ann.say(JSON.stringify({ type: 'hello', protocol: 0, epoch: '', rev: 0 }));
    expect(await ann.closed).toBe(4426);
  });
});

/** The same description with one of its sections. */
function onlySection(sdp: string, index: number): string {
  const [head = '', ...sections] = sdp.split(/(?=^m=)/m);
  return `${head}${sections[index]}`;
}
