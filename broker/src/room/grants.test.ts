import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Grants, PublishGrant } from '#protocol';
import { CAMERA, MICROPHONE, Member, call, cleanUp, mint, publishing, refusal, room } from '../testing/client.ts';
import { FakeSfu } from '../testing/fake-sfu.ts';
import { publishingOffer } from '../testing/sdp.ts';

let sfu: FakeSfu;

beforeEach(() => {
  sfu = FakeSfu.install();
  vi.spyOn(console, 'log').mockImplementation(() => undefined);
});
afterEach(() => cleanUp());

const ALL: Grants = { publish: ['audio', 'video', 'screen'], subscribe: true, chat: true, moderate: false };
const publish = (...sources: PublishGrant[]): Grants => ({ ...ALL, publish: sources });
/** Sections that the SFU was told to close by force. */
const closed = () =>
  sfu.callsTo('tracks/close').map(({ body }) => body as { force: boolean; tracks: readonly { mid: string }[] });
const track = (name: string, sessionId: string) => ({ location: 'remote', sessionId, trackName: name });

async function meet(claims: Record<string, unknown> = {}): Promise<[host: Member, bob: Member]> {
  const host = await Member.live({ sub: 'host', role: 'host' });
  return [host, await Member.live({ sub: 'bob', ...claims })];
}

describe('taking a right away', () => {
  it('MO7 A3 closes the tracks at the SFU by force, and takes them from the roster at once', async () => {
    const [host, bob] = await meet();
    host.inbox.length = 0;
    await host.say({ type: 'grant', id: bob.id, grants: publish('audio') });
    expect(await bob.next('granted')).toEqual({ type: 'granted', grants: publish('audio') });
    expect((await host.next('change')).change).toMatchObject({
      type: 'put',
      participant: { id: bob.id, role: 'guest', tracks: [MICROPHONE] },
    });
    await vi.waitFor(() => expect(closed()).toMatchObject([{ force: true, tracks: [{ mid: '1' }] }]));
    const pull = (name: string) =>
      host.call('POST', `/sessions/${host.publishSession}/tracks/new`, { tracks: [track(name, bob.publishSession)] });
    expect(await (await pull(CAMERA.trackName)).json()).toMatchObject({
      tracks: [{ errorCode: 'not_found_track_error' }],
    });
    expect(await (await pull(MICROPHONE.trackName)).json()).not.toMatchObject({
      tracks: [{ errorCode: 'not_found_track_error' }],
    });
  });

  it('MO7 A3 A4 what was taken is not sent again: by an offer, an announcement or a new session', async () => {
    const [host, bob] = await meet();
    await host.say({ type: 'grant', id: bob.id, grants: publish('audio') });
    await bob.say({ type: 'tracks', sessionId: bob.publishSession, tracks: [MICROPHONE, CAMERA] });
    expect(await bob.next('error')).toMatchObject({ errorCode: 'forbidden' });
    const { sessionId } = (await (await bob.call('POST', '/sessions/new')).json()) as { sessionId: string };
    for (const session of [bob.publishSession, sessionId]) {
      const again = await bob.call('POST', `/sessions/${session}/tracks/new`, {
        ...publishing(),
        tracks: [{ location: 'local', mid: '1', trackName: 'again' }],
      });
      expect(await refusal(again)).toBe('403 forbidden');
    }
  });

  it('MO7 tracks that were published and not announced go too, as far as no offer could ask for them', async () => {
    const [host] = await meet();
    const bob = await Member.join({ sub: 'bob' }, { publish: publishing() });
    await host.say({ type: 'grant', id: bob.id, grants: publish('audio') });
    await vi.waitFor(() => expect(closed()).toContainEqual(expect.objectContaining({ tracks: [{ mid: '1' }] })));
    const tracks = [track(CAMERA.trackName, bob.publishSession)];
    const pulled = await host.call('POST', `/sessions/${host.publishSession}/tracks/new`, { tracks });
    expect(await pulled.json()).toMatchObject({ tracks: [{ errorCode: 'not_found_track_error' }] });
  });

  it('MO7 a camera does not stay for the screen’s sake', async () => {
    const [host, bob] = await meet();
    await host.say({ type: 'grant', id: bob.id, grants: publish('audio', 'screen') });
    await vi.waitFor(() => expect(closed()).toMatchObject([{ tracks: [{ mid: '1' }] }]));
  });

  it('MO7 A23 what was on its way to the SFU meanwhile is closed when it comes', async () => {
    const [host, bob] = await meet();
    const { sessionId } = (await (await bob.call('POST', '/sessions/new')).json()) as { sessionId: string };
    const held = sfu.hold('tracks/new');
    const publishingMore = bob.call('POST', `/sessions/${sessionId}/tracks/new`, {
      sessionDescription: publishingOffer(),
      tracks: publishing().tracks.map((entry) => ({ ...entry, trackName: `${entry.trackName}-more` })),
    });
    await held.reached();
    await host.say({ type: 'grant', id: bob.id, grants: publish() });
    await vi.waitFor(() => expect(closed()).toHaveLength(1));
    held.release();
    await publishingMore;
    await vi.waitFor(() => expect(closed()).toHaveLength(2));
    expect(closed()[1]?.tracks).toEqual([{ mid: '0' }, { mid: '1' }]);
  });

  it('MO7 SF7 without subscribe all that was received is closed, and no more is pulled', async () => {
    const [host, bob] = await meet();
    const { sessionId } = (await (await bob.call('POST', '/sessions/new')).json()) as { sessionId: string };
    const tracks = [track(CAMERA.trackName, host.publishSession)];
    const path = `/sessions/${sessionId}/tracks/new`;
    expect((await bob.call('POST', path, { tracks })).status).toBe(200);
    await host.say({ type: 'grant', id: bob.id, grants: { ...ALL, subscribe: false } });
    await vi.waitFor(() => expect(closed()).toHaveLength(1));
    expect(closed()[0]).toMatchObject({ force: true });
    expect(closed()[0]?.tracks).toHaveLength(1);
    expect(await refusal(await bob.call('POST', path, { tracks }))).toBe('403 forbidden');
    const update = await bob.call('PUT', `/sessions/${sessionId}/tracks/update`, {
      tracks: [{ ...tracks[0], mid: '0' }],
    });
    expect(await refusal(update)).toBe('403 forbidden');
    await host.reconnect();
    expect((await host.next('roster')).participants[1]).toMatchObject({ tracks: [MICROPHONE, CAMERA] });
  });

  it('MO7 MO1 A17 a moderator without the right any more moderates nothing, and hears of no one who waits', async () => {
    const [host, bob] = await meet({ role: 'host' });
    await host.say({ type: 'grant', id: bob.id, grants: ALL });
    bob.inbox.length = 0;
    await Member.join({ sub: 'eve', lobby: true });
    await bob.say({ type: 'admit' });
    expect(await bob.next('error')).toMatchObject({ errorCode: 'forbidden' });
    await bob.reconnect();
    expect(bob.inbox.filter(({ type }) => type === 'knocks')).toEqual([]);
  });
});

describe('what was changed holds', () => {
  it('MO8 it is told again after a reconnect, and is what a new join answers, whatever the token says', async () => {
    const [host, bob] = await meet();
    await bob.drop();
    await host.say({ type: 'grant', id: bob.id, grants: publish() });
    await bob.reconnect();
    expect(await bob.next('granted')).toEqual({ type: 'granted', grants: publish() });
    for (const claims of [{}, { role: 'host', iat: Math.floor(Date.now() / 1000) + 30 }]) {
      const again = await Member.join({ sub: 'bob', ...claims }, { publish: publishing() });
      expect(again.joined.grants).toEqual(publish());
      expect(again.joined.publish).toMatchObject({ errorCode: 'forbidden' });
    }
  });

  it('MO8 SF13 A3 the token’s own grants do not bring it back, by the SFU’s calls or by leaving', async () => {
    const [host, bob] = await meet();
    await host.say({ type: 'grant', id: bob.id, grants: publish() });
    const bearer = await mint({ sub: 'bob' });
    const path = `/rooms/${room()}/sessions`;
    const offer = { ...publishing() };
    const byToken = await call('POST', `${path}/${bob.publishSession}/tracks/new`, { bearer, body: offer });
    expect(await refusal(byToken)).toBe('403 forbidden');
    await bob.call('POST', '/leave');
    const { sessionId } = (await (await call('POST', `${path}/new`, { bearer })).json()) as { sessionId: string };
    const anew = await call('POST', `${path}/${sessionId}/tracks/new`, { bearer, body: offer });
    expect(await refusal(anew)).toBe('403 forbidden');
  });

  it('MO8 MO7 a right that is given is good at once, and a new moderator hears who waits', async () => {
    const host = await Member.live({ sub: 'host', role: 'host' });
    const eve = await Member.join({ sub: 'eve', role: 'listener' });
    await eve.connect();
    const bob = await Member.join({ sub: 'bob', lobby: true });
    await host.say({ type: 'grant', id: eve.id, grants: { ...ALL, moderate: true } });
    expect((await eve.next('knocks')).waiting).toMatchObject([{ id: bob.id }]);
    const { sessionId } = (await (await eve.call('POST', '/sessions/new')).json()) as { sessionId: string };
    expect((await eve.call('POST', `/sessions/${sessionId}/tracks/new`, publishing())).status).toBe(200);
    await eve.say({ type: 'lock', locked: true });
    expect((await host.next('change', ({ type }) => type === 'room')).change).toEqual({ type: 'room', locked: true });
  });

  it('MO8 RM15 and ends with the call', async () => {
    const [host, bob] = await meet();
    await host.say({ type: 'grant', id: bob.id, grants: publish() });
    // Who was removed is remembered, and so the room outlives its call.
    const eve = await Member.join({ sub: 'eve' });
    await host.say({ type: 'remove', id: eve.id });
    await host.say({ type: 'end' });
    expect((await Member.join({ sub: 'bob' })).joined.grants.publish).toEqual(ALL.publish);
  });
});
