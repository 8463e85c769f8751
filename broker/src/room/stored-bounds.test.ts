import { env } from 'cloudflare:workers';
import { runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { CHAT_RING_MAX, type RoomTokenClaims } from '#protocol';
import { Member, cleanUp, room, step } from '../testing/client.ts';
import { FakeSfu } from '../testing/fake-sfu.ts';

/** So many come and are removed; as many as are missing to ten thousand are remembered from before, or it would take half a minute. */
const VISITS = 600;
const REMEMBERED = 9_500;
/** Rows that each table may have while one is in the room. */
const MOST = {
  room: 1,
  seat: 2,
  waiting: 1,
  granted: 1_000,
  chat: CHAT_RING_MAX,
  closing: 0,
  denial: 10_000,
  webhook: 0,
};
const HOST: RoomTokenClaims = {
  room: 'r',
  sub: 'host',
  iat: 0,
  exp: 0,
  role: 'host',
  grants: { publish: ['audio'], subscribe: true, chat: true, moderate: true },
  limits: {},
  lobby: false,
};

beforeEach(() => {
  FakeSfu.install();
  vi.spyOn(console, 'log').mockImplementation(() => undefined);
  vi.useFakeTimers({ toFake: ['Date'] });
});
afterEach(() => {
  vi.useRealTimers();
  cleanUp();
});

/** The rows of every table that there is. */
function countRows({ sql }: DurableObjectStorage): Record<string, number> {
  const tables = sql.exec<{ name: string }>(
    "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '\\_%' ESCAPE '\\'",
  );
  return Object.fromEntries(
    tables
      .toArray()
      .map(({ name }) => [name, sql.exec<{ rows: number }>(`SELECT count(*) AS rows FROM ${name}`).one().rows]),
  );
}

it(
  'RM12 MO3 A21 ten thousand come and are removed: no table of the object has more rows than it may, and none is left in the end',
  { timeout: 60_000 },
  async () => {
    const host = await Member.live({ sub: 'host', role: 'host' });
    const stub = env.ROOMS.getByName(room());
    const most: Record<string, number> = {};
    const guest = await Member.join({ sub: 'guest' });
    await host.say({ type: 'remove', id: guest.id });
    await runInDurableObject(stub, (_object, { storage: { sql } }) => {
      const numbers = `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${REMEMBERED})`;
      sql.exec(`${numbers} INSERT INTO denial (id, value) SELECT 'before-' || i, (SELECT value FROM denial) FROM n`);
    });
    await step();
    await runInDurableObject(stub, (object, { storage }) => {
      for (let visit = 0; visit < VISITS; visit += 1) {
        vi.setSystemTime(Date.now() + 1_000);
        const [iat, sub] = [Math.floor(Date.now() / 1000), `guest-${visit}`];
        const claims = { ...HOST, sub, iat, lobby: visit % 2 === 0, grants: { ...HOST.grants, moderate: false } };
        const joined = object.join({ claims, name: sub, secretHash: `s-${sub}`, ticketHash: `t-${sub}` });
        expect(joined.ok).toBe(true);
        if (visit % 50 === 0 || visit === VISITS - 1)
          for (const [table, rows] of Object.entries(countRows(storage)))
            most[table] = Math.max(most[table] ?? 0, rows);
        expect(object.administer({ ...HOST, sub: 'backend', iat }, { type: 'remove', who: { sub } })).toMatchObject({
          ok: true,
        });
      }
      for (const [table, rows] of Object.entries(countRows(storage))) most[table] = Math.max(most[table] ?? 0, rows);
    });
    expect(most['denial']).toBe(MOST.denial);
    for (const [table, rows] of Object.entries(most))
      expect([table, rows <= MOST[table as keyof typeof MOST]]).toEqual([table, true]);

    await host.call('POST', '/leave');
    vi.setSystemTime(Date.now() + 25 * 60 * 60 * 1000);
    await runDurableObjectAlarm(stub);
    await vi.waitFor(async () =>
      expect(await runInDurableObject(stub, (_object, { storage }) => countRows(storage))).toEqual({}),
    );
  },
);
