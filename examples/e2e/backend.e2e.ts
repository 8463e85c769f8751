import { execFile, spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { freePort } from '../../broker/dev/ports.ts';
import { startRuntime, type Runtime } from '../../broker/dev/load/runtime.ts';
import { randomTokenKeys, standInApp } from '../../broker/dev/stack.ts';

interface Told {
  id: string;
  type: string;
  room: string;
  participant?: { sub: string };
  reason?: string;
  usage?: { peakParticipants: number };
}

interface Delivery {
  headers: IncomingHttpHeaders;
  body: string;
}

const example = (path: string) => fileURLToPath(new URL(`../${path}`, import.meta.url));
const hasPhp = spawnSync('php', ['--version']).status === 0;
if (!hasPhp)
  console.log('The PHP recipes are not tested: this machine has no php ("apt-get install php-cli" brings it).');
const SECRET = `whsec_${randomBytes(32).toString('base64')}`;
const tokenKeys = randomTokenKeys();

/** The example receivers, as they are copied, and what they said they were told. */
const receivers: { name: string; url: string; process: ChildProcess; told: Told[] }[] = [];
/** Stands between the broker and the receivers: shows what is sent, and fails when it is told to. */
let gate: Server;
let failures = 0;
const deliveries: Delivery[] = [];
let worker: Runtime;
let brokerUrl: string;

async function startReceiver(name: string, command: string, args: (port: number) => string[], env: object) {
  const port = await freePort();
  const child = spawn(command, args(port), {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env, PORT: String(port), WEBHOOK_SECRET: SECRET },
  });
  const told: Told[] = [];
  for (const stream of [child.stdout, child.stderr])
    createInterface({ input: stream }).on('line', (line) => {
      const start = line.indexOf('{"id"');
      if (start >= 0) told.push(JSON.parse(line.slice(start)) as Told);
    });
  const url = `http://127.0.0.1:${port}/`;
  receivers.push({ name, url, process: child, told });
  await vi.waitFor(() => fetch(url), 10_000);
}

const post = (url: string, { headers, body }: Delivery) => {
  const names = ['webhook-id', 'webhook-timestamp', 'webhook-signature'] as const;
  const picked = Object.fromEntries(names.map((name) => [name, String(headers[name])]));
  return fetch(url, { method: 'POST', headers: picked, body }).then(({ status }) => status);
};

beforeAll(async () => {
  await startReceiver('Node', process.execPath, () => [example('webhooks/server.ts')], {});
  if (hasPhp) await startReceiver('PHP', 'php', (port) => ['-S', `127.0.0.1:${port}`, example('php/webhook.php')], {});
  gate = createServer(async (request, response) => {
    const delivery = { headers: request.headers, body: Buffer.concat(await request.toArray()).toString() };
    deliveries.push(delivery);
    if (failures > 0) {
      failures -= 1;
      response.writeHead(500).end();
    } else {
      const statuses = await Promise.all(receivers.map(({ url }) => post(url, delivery)));
      response.writeHead(statuses.every((status) => status === 204) ? 204 : 502).end();
    }
  });
  const [port, workerPort] = [await freePort(), await freePort()];
  await new Promise<void>((resolve) => gate.listen(port, '127.0.0.1', resolve));
  brokerUrl = `http://127.0.0.1:${workerPort}`;
  worker = await startRuntime({
    entry: 'broker/src/worker.ts',
    port: workerPort,
    environment: {
      ...standInApp(await freePort()),
      ROOM_TOKEN_KEYS: tokenKeys,
      WEBHOOK_URL: `http://127.0.0.1:${port}/`,
      WEBHOOK_SECRET: SECRET,
    },
    objects: { ROOMS: 'RoomObject' },
  });
});
afterAll(async () => {
  for (const { process } of receivers) process.kill();
  gate.close();
  await worker.stop();
});

const run = promisify(execFile);
const LANGUAGES: [name: string, command: string, script: string][] = [
  ['Node', process.execPath, example('server-api/rooms.ts')],
  ...(hasPhp ? [['PHP', 'php', example('php/rooms.php')] as [string, string, string]] : []),
];

async function join(room: string, token: unknown): Promise<number> {
  const headers = { authorization: `Bearer ${String(token)}` };
  return (await fetch(`${brokerUrl}/rooms/${room}/join`, { method: 'POST', headers })).status;
}

describe.each(LANGUAGES)('the server API from %s', (_name, command, script) => {
  const room = `clinic-${Math.random()}`;
  const rooms = async (...args: string[]): Promise<Record<string, unknown>> => {
    const env = { ...process.env, BROKER_URL: brokerUrl, ROOM_TOKEN_KEYS: tokenKeys };
    return JSON.parse((await run(command, [script, ...args], { env })).stdout) as Record<string, unknown>;
  };

  it('SV3 SV4 SV5 SV6 invites, lists, removes and ends', async () => {
    const { token: ann } = await rooms('invite', room, 'ann', 'host');
    const { token: bob } = await rooms('invite', room, 'bob');
    expect([await join(room, ann), await join(room, bob)]).toEqual([200, 200]);
    expect(await rooms('list', room)).toMatchObject({
      locked: false,
      waiting: [],
      participants: [
        { sub: 'ann', role: 'host' },
        { sub: 'bob', role: 'guest' },
      ],
    });
    expect(await rooms('remove', room, 'bob')).toEqual({ removed: 1 });
    expect(await join(room, bob)).toBe(403);
    expect(await rooms('end', room)).toEqual({ removed: 1 });
    expect(await rooms('list', room)).toEqual({ locked: false, participants: [], waiting: [] });
  });

  it('ER1 says why where it cannot', async () => {
    const failed = (await rooms('invite', room, '!').catch((error: Error) => error)) as {
      stderr?: string;
      stdout?: string;
    };
    expect(`${failed.stdout} ${failed.stderr}`).toContain('decoding_error');
  });
});

describe('webhooks', () => {
  it('WH1 WH3 WH4 every receiver hears of the whole call, after it failed and after the broker was ended too', async () => {
    const room = `surgery-${Math.random()}`;
    const of = (told: Told[]) => told.filter((event) => event.room === room);
    const [, script] = [LANGUAGES[0]![1], LANGUAGES[0]![2]];
    const env = { ...process.env, BROKER_URL: brokerUrl, ROOM_TOKEN_KEYS: tokenKeys };
    const rooms = async (...args: string[]) =>
      JSON.parse((await run(process.execPath, [script, ...args], { env })).stdout) as Record<string, unknown>;

    const { token } = await rooms('invite', room, 'ann');
    failures = 1;
    expect(await join(room, token)).toBe(200);
    await vi.waitFor(() => expect(failures).toBe(0), 5_000);
    await worker.restart();
    expect(receivers.flatMap(({ told }) => of(told))).toEqual([]);
    await rooms('end', room);
    await vi.waitFor(
      () => {
        for (const { told } of receivers) expect(of(told).map(({ type }) => type)).toContain('room.ended');
      },
      { timeout: 30_000, interval: 200 },
    );
    for (const { told } of receivers) {
      expect(of(told).map(({ type, participant, reason, usage }) => [type, participant?.sub, reason, usage])).toEqual([
        ['room.started', undefined, undefined, undefined],
        ['participant.joined', 'ann', undefined, undefined],
        ['participant.left', 'ann', 'removed', undefined],
        ['room.ended', undefined, undefined, expect.objectContaining({ peakParticipants: 1 })],
      ]);
    }
    const [first, again] = deliveries.filter(({ body }) => body.includes(room));
    expect(again?.body).toBe(first?.body);
  });

  it('WH3 no receiver takes what was changed, is old, or is not signed', async () => {
    const [good] = deliveries.slice(-1);
    const { headers, body } = good!;
    const hourAgo = String(Number(headers['webhook-timestamp']) - 3600);
    const forged: Delivery[] = [
      { headers, body: `${body} ` },
      { headers: { ...headers, 'webhook-id': 'another' }, body },
      { headers: { ...headers, 'webhook-timestamp': hourAgo }, body },
      { headers: { ...headers, 'webhook-signature': 'v1,' }, body },
      { headers: { ...headers, 'webhook-signature': '' }, body },
    ];
    for (const { name, url } of receivers) {
      expect([name, await post(url, good!)]).toEqual([name, 204]);
      for (const delivery of forged) expect([name, await post(url, delivery)]).toEqual([name, 401]);
    }
  });
});
