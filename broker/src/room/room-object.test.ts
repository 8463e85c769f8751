import { env } from 'cloudflare:workers';
import { runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { CAMERA, MICROPHONE, Member, call, mint, refusal, step, upgrade, cleanUp, room } from '../testing/client.ts';
import { itWithOneSocket } from '../testing/disturbance.ts';
import { hashSecret } from '../secret.ts';
import { FakeSfu, failed } from '../testing/fake-sfu.ts';
import { receivingOffer } from '../testing/sdp.ts';

let sfu: FakeSfu;

/** The whole suite runs on an object that is evicted after every call and every frame, and again with its sockets cut: see `testing/client.ts`. */
beforeEach(() => {
  sfu = FakeSfu.install();
  vi.spyOn(console, 'log').mockImplementation(() => undefined);
  vi.useFakeTimers({ toFake: ['Date'] });
});
afterEach(async () => {
  vi.useRealTimers();
  await cleanUp();
});

const stub = (name = room()) => env.ROOMS.getByName(name);
const tables = (name = room()) =>
  runInDurableObject(stub(name), (_object, state) =>
    state.storage.sql.exec<{ name: string }>("SELECT name FROM sqlite_master WHERE name IN ('room', 'seat')").toArray(),
  );

/** Lets time pass and the alarm ring. */
async function pass(ms: number): Promise<void> {
  vi.setSystemTime(Date.now() + ms);
  await runDurableObjectAlarm(stub());
  await step();
}

describe('a call, on an object that forgets everything between two steps', () => {
  // Revisions are counted.
  itWithOneSocket('RM13 joins, announces, pulls, mutes and leaves', async () => {
    const ann = await Member.live({ name: 'Ann' });
    const bob = await Member.join({ sub: 'bob' }, { receive: { sessionDescription: receivingOffer(2, 2) } });
    await bob.connect();
    expect((await bob.next('current')).rev).toBe(3);
    expect((await ann.next('change')).change).toMatchObject({ type: 'put', participant: { id: bob.id } });

    await ann.say({ type: 'tracks', sessionId: ann.publishSession, tracks: [{ ...MICROPHONE, muted: true }, CAMERA] });
    const { rev, change } = await bob.next('change');
    expect({ rev, change }).toMatchObject({
      rev: 4,
      change: { type: 'put', participant: { id: ann.id, name: 'Ann', tracks: [{ muted: true }, { muted: false }] } },
    });

    expect((await ann.call('POST', '/leave', { mayReturn: false })).status).toBe(200);
    expect((await bob.next('change')).change).toEqual({ type: 'gone', id: ann.id, reason: 'left' });
    expect(await ann.closed).toBe(1000);
  });

  it('RM13 the object really forgets: its memory is gone after a step', async () => {
    const ann = await Member.live();
    const remember = () =>
      runInDurableObject(stub(), (object) => {
        const wasMarked = Object.hasOwn(object, 'mark');
        Object.assign(object, { mark: true });
        return wasMarked;
      });
    expect([await remember(), await remember()]).toEqual([false, true]);
    await step();
    expect(await remember()).toBe(false);
    expect((await ann.call('POST', '/ticket')).status).toBe(200);
  });

  it('HS12 pings are answered, and do not wake the object', async () => {
    const ann = await Member.live();
    expect(await ann.ping()).toBe('pong');
  });

  it('HS9 A22 fifty upgrades with one ticket: one gets through', async () => {
    const ann = await Member.join();
    const attempts = await Promise.all(Array.from({ length: 50 }, () => upgrade(room(), ann.joined.ticket)));
    expect(attempts.map(({ status }) => status).sort()).toEqual([101, ...Array.from({ length: 49 }, () => 401)]);
    for (const { webSocket } of attempts) webSocket?.accept();
  });

  it('HS10 the broker answers its own protocol, never the ticket', async () => {
    const ann = await Member.join();
    const response = await upgrade(room(), ann.joined.ticket);
    expect(response.headers.get('sec-websocket-protocol')).toBe('realtime-call.v1');
    response.webSocket?.accept();
  });

  it('HS9 a new ticket opens a new socket, and the older one is replaced', async () => {
    const ann = await Member.live();
    const firstClosed = ann.closed;
    await ann.reconnect();
    expect(await firstClosed).toBe(4409);
    expect((await ann.next('roster')).participants).toMatchObject([{ presence: 'here', tracks: [{}, {}] }]);
  });

  itWithOneSocket('RM11 CL1 strikes are counted through restarts', async () => {
    const ann = await Member.live();
    for (const frame of ['{', '[]', 'null']) await ann.say(frame);
    expect(await ann.closed).toBe(4400);
  });
});

describe('sockets that end', () => {
  it('RM5 without a word: away for 25 s, then gone, and its media closed', async () => {
    const ann = await Member.live();
    const bob = await Member.join({ sub: 'bob' });
    await bob.connect();
    await ann.drop();
    expect((await bob.next('change')).change).toMatchObject({ participant: { id: ann.id, presence: 'away' } });
    await pass(20_000);
    await bob.reconnect();
    await pass(4_999);
    expect(sfu.callsTo('tracks/close')).toEqual([]);
    await pass(1);
    expect((await bob.next('change')).change).toEqual({ type: 'gone', id: ann.id, reason: 'lost' });
    await vi.waitFor(() => expect(sfu.callsTo('tracks/close')).toHaveLength(1));
    expect(sfu.callsTo('tracks/close')[0]?.body).toEqual({ force: true, tracks: [{ mid: '0' }, { mid: '1' }] });
  });

  it('RM13 with the object: nobody is told, and yet all are back or gone in time', async () => {
    const ann = await Member.live();
    const bob = await Member.join({ sub: 'bob' });
    await bob.connect();
    await step(room(), { webSockets: 'close' });
    expect([await ann.closed, await bob.closed]).toEqual([1006, 1006]);

    await ann.reconnect();
    expect((await ann.next('roster')).participants).toMatchObject([
      { id: ann.id, presence: 'here', tracks: [MICROPHONE, CAMERA] },
      { id: bob.id, presence: 'away' },
    ]);
    await pass(20_000);
    await ann.reconnect();
    await pass(5_000);
    const { change } = await ann.next('change', ({ type }) => type === 'gone');
    expect(change).toEqual({ type: 'gone', id: bob.id, reason: 'lost' });
    expect(sfu.callsTo('tracks/close')).toEqual([]);
  });

  it('RM7 a page that may return is waited for 2 s', async () => {
    const ann = await Member.live();
    const bob = await Member.join({ sub: 'bob' });
    await bob.connect();
    await ann.call('POST', '/leave', { mayReturn: true });
    expect(await ann.closed).toBe(1000);
    await bob.next('change');
    await pass(2_000);
    expect((await bob.next('change')).change).toEqual({ type: 'gone', id: ann.id, reason: 'left' });
  });

  it('RM6 a join without a socket is not kept', async () => {
    await Member.join();
    await pass(25_000);
    expect(await tables()).toEqual([]);
  });
});

describe('storage', () => {
  it('RM12 RM1 A21 an empty room is deleted, and the next one has another epoch', async () => {
    const ann = await Member.join();
    expect(await tables()).toHaveLength(2);
    await ann.call('POST', '/leave');
    expect(await tables()).toEqual([]);
    await runInDurableObject(stub(), async (_object, state) => expect(await state.storage.getAlarm()).toBeNull());
    const again = await Member.join();
    expect(again.joined.roster).toMatchObject({ rev: 1 });
    expect(again.joined.roster.epoch).not.toBe(ann.joined.roster.epoch);
  });

  it('RM12 A21 a call that is refused leaves nothing behind', async () => {
    const bearer = 'x'.repeat(43);
    expect(await refusal(await call('POST', '/rooms/empty/ticket', { bearer }))).toBe('401 unauthorized');
    expect(await refusal(await call('POST', '/rooms/empty/leave', { bearer }))).toBe('401 unauthorized');
    expect((await upgrade('empty', bearer)).status).toBe(401);
    expect(await tables('empty')).toEqual([]);
  });

  it('RM12 who joins the moment a room ends is in a new one', async () => {
    const ann = await Member.join();
    const [, joined] = await Promise.all([
      ann.call('POST', '/leave'),
      call('POST', `/rooms/${room()}/join`, { bearer: await mint({ sub: 'bob' }) }),
    ]);
    const { memberSecret } = (await joined.json()) as { memberSecret: string };
    expect((await call('POST', `/rooms/${room()}/ticket`, { bearer: memberSecret })).status).toBe(200);
  });

  it('A21 twenty-five visits leave one row', async () => {
    await Member.join({ sub: 'host' });
    for (let index = 0; index < 25; index += 1) {
      const guest = await Member.join({ sub: `guest-${index}` });
      await guest.call('POST', '/leave');
    }
    const rows = await runInDurableObject(stub(), (_object, state) =>
      state.storage.sql.exec('SELECT id FROM seat UNION ALL SELECT id FROM closing').toArray(),
    );
    expect(rows).toHaveLength(1);
  });

  it('RM13 rows of another version are left alone: the room starts anew', async () => {
    const ann = await Member.join();
    await runInDurableObject(stub(), (_object, state) => {
      state.storage.sql.exec('UPDATE room SET version = 0');
    });
    await step();
    expect(await refusal(await ann.call('POST', '/ticket'))).toBe('401 unauthorized');
    const again = await Member.join();
    expect(again.joined.roster.participants).toHaveLength(1);
  });
});

describe('closing what was given up', () => {
  it('SF11 is tried again by the alarm until the SFU has done it, and only then is the room forgotten', async () => {
    const ann = await Member.live();
    sfu.once('tracks/close', () => failed(503, 'backend_error'));
    await ann.call('POST', '/leave');
    await vi.waitFor(() => expect(sfu.callsTo('tracks/close')).toHaveLength(1));
    expect(await tables()).toHaveLength(2);
    await pass(5_000);
    await vi.waitFor(() => expect(sfu.callsTo('tracks/close')).toHaveLength(2));
    await vi.waitFor(async () => expect(await tables()).toEqual([]));
  });

  it('SF11 an SFU that knows the session no more has closed it', async () => {
    const ann = await Member.live();
    sfu.once('tracks/close', () => failed(410, 'session_error'));
    await ann.call('POST', '/leave');
    await vi.waitFor(async () => expect(await tables()).toEqual([]));
  });

  it('SF11 a slow SFU keeps nobody waiting', async () => {
    const ann = await Member.live();
    const held = sfu.hold('tracks/close');
    await stub().leave({ type: 'member', secretHash: await hashSecret(ann.joined.memberSecret) }, false);
    await held.reached();
    expect(await stub().enter({ type: 'member', secretHash: 'nobody' })).toMatchObject({ errorCode: 'unauthorized' });
    held.release();
    await vi.waitFor(async () => expect(await tables()).toEqual([]));
  });

  it('SF11 a seat that is taken over loses its media', async () => {
    await Member.live();
    await Member.join();
    await vi.waitFor(() => expect([...sfu.sessions.values()].map(({ closed }) => closed)).toEqual([['0', '1']]));
  });
});
