import type { Page } from 'playwright-core';
import { describe, expect, inject } from 'vitest';
import { parseJoinResponse, parseServerMessage, type ClientMessage, type ServerMessage } from '#protocol';
import { it } from './testing/it.ts';
import { mintToken, secondsFromNow } from './testing/room-token.ts';
import type { VisitorOptions } from './testing/visitor.ts';

function post(path: string, bearer: string, body?: object): Promise<Response> {
  const headers = { authorization: `Bearer ${bearer}`, 'content-type': 'application/json' };
  return fetch(`${inject('brokerUrl')}${path}`, {
    method: 'POST',
    headers,
    ...(body && { body: JSON.stringify(body) }),
  });
}

async function codeOf(answer: Promise<Response>): Promise<string> {
  const response = await answer;
  const { errorCode = 'ok' } = (await response.json()) as { errorCode?: string };
  return `${response.status} ${errorCode}`;
}

/** A host with nothing but a socket. */
class Moderator {
  readonly #socket: WebSocket;
  readonly #roster: ServerMessage[] = [];

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.addEventListener('message', ({ data }) => this.#roster.push(parseServerMessage(String(data))));
  }

  static async join(room: string): Promise<Moderator> {
    const token = await mintToken(room, { claims: { role: 'host' } });
    const answer = await post(`/rooms/${room}/join`, token, { protocol: 1 });
    const { ticket } = parseJoinResponse(await answer.json());
    const socket = new WebSocket(`${inject('brokerUrl').replace('http', 'ws')}/rooms/${room}/socket`, [
      'realtime-call.v1',
      `ticket.${ticket}`,
    ]);
    const moderator = new Moderator(socket);
    await new Promise((resolve) => socket.addEventListener('open', resolve, { once: true }));
    moderator.say({ type: 'hello', protocol: 1, epoch: '', rev: 0 });
    return moderator;
  }

  say(message: ClientMessage): void {
    this.#socket.send(JSON.stringify(message));
  }

  async idOf(name: string): Promise<string> {
    await expect.poll(() => this.#roster.some(({ type }) => type === 'roster')).toBe(true);
    const people = this.#roster.flatMap((message) => (message.type === 'roster' ? message.participants : []));
    const found = people.find((person) => person.name === name);
    if (!found) throw new Error(`${name} is not in the roster`);
    return found.id;
  }

  close(): void {
    this.#socket.close();
  }
}

/** How many sounds and pictures come in, and go out, within a second: what has packets. */
async function flows(page: Page): Promise<{ in: number; out: number }> {
  const read = () =>
    page.evaluate(async () => {
      const counts: Record<string, number> = {};
      for (const [index, connection] of callProbe.connections.entries())
        for (const report of (await connection.getStats()).values() as Iterable<Record<string, unknown>>) {
          const count = report['packetsReceived'] ?? report['packetsSent'];
          const [, way] = /^(in|out)bound-rtp$/.exec(String(report['type'])) ?? [];
          // A camera is sent in layers: together they are one.
          if (way) counts[`${way} ${index} ${String(report['mid'])}`] ??= 0;
          if (way) counts[`${way} ${index} ${String(report['mid'])}`]! += Number(count);
        }
      return counts;
    });
  const before = await read();
  await page.waitForTimeout(1_000);
  const after = await read();
  const grown = Object.keys(after).filter((key) => after[key]! > (before[key] ?? 0));
  const count = (way: string) => grown.filter((key) => key.startsWith(way)).length;
  return { in: count('in '), out: count('out ') };
}

/** Somebody who obeys nothing: what the page closes or stops goes on. */
const DISOBEDIENT: VisitorOptions['prepare'] = (page) =>
  page.addInitScript(() => {
    RTCPeerConnection.prototype.close = () => undefined;
    RTCRtpTransceiver.prototype.stop = () => undefined;
    MediaStreamTrack.prototype.stop = () => undefined;
    const { replaceTrack } = RTCRtpSender.prototype;
    RTCRtpSender.prototype.replaceTrack = function (track) {
      return this.track && this.track.readyState === 'live' ? Promise.resolve() : replaceTrack.call(this, track);
    };
  });

describe('removing somebody', () => {
  it('MO2 MO3 A22 the SFU stops it in 2 s, whatever the clients do, and nothing that was held opens anything again', async ({
    join,
    room,
  }) => {
    const held = { token: '', secret: '', ticket: '' };
    let isDeaf = false;
    await join('Ada');
    const ben = await join('Ben', {
      // Ben never hears that Cleo is gone: only the SFU keeps her media from him.
      prepare: (page) =>
        page.routeWebSocket(/\/socket$/, (socket) => {
          const server = socket.connectToServer();
          server.onMessage((message) => {
            if (!isDeaf || message === 'pong') socket.send(message);
          });
        }),
    });
    const cleo = await join('Cleo', {
      prepare: async (page) => {
        await DISOBEDIENT?.(page);
        page.on('response', async (response) => {
          if (!response.url().endsWith('/join')) return;
          const { memberSecret, ticket } = parseJoinResponse(await response.json());
          const { bearer } = response.request().postDataJSON() as { bearer: string };
          Object.assign(held, { token: bearer, secret: memberSecret, ticket });
        });
      },
    });
    await Promise.all([ben, cleo].map(({ page }) => expect.poll(async () => (await flows(page)).in).toBe(4)));
    const moderator = await Moderator.join(room);
    const id = await moderator.idOf('Cleo');
    const { sub, iat } = JSON.parse(atob(held.token.split('.')[1]!.replaceAll('-', '+').replaceAll('_', '/'))) as {
      sub: string;
      iat: number;
    };

    isDeaf = true;
    moderator.say({ type: 'remove', id });
    await ben.page.waitForTimeout(2_000);
    const [atBen, atCleo] = await Promise.all([flows(ben.page), flows(cleo.page)]);
    expect(atBen.in, 'what Ben receives: Ada’s sound and picture').toBe(2);
    expect(atCleo.in, 'what Cleo receives').toBe(0);
    expect(atCleo.out, 'what Cleo goes on sending all the same').toBe(2);

    for (const path of ['join', 'sessions/new']) {
      expect(await codeOf(post(`/rooms/${room}/${path}`, held.token, { protocol: 1 }))).toBe('403 forbidden');
      expect(await codeOf(post(`/rooms/${room}/${path}`, `${held.token}=`, { protocol: 1 }))).toBe('401 unauthorized');
    }
    for (const path of ['ticket', 'sessions/new', 'leave'])
      expect(await codeOf(post(`/rooms/${room}/${path}`, held.secret))).toBe('401 unauthorized');
    const url = `${inject('brokerUrl').replace('http', 'ws')}/rooms/${room}/socket`;
    const again = new WebSocket(url, ['realtime-call.v1', `ticket.${held.ticket}`]);
    const outcome = ['open', 'error'].map(
      (type) => new Promise<string>((resolve) => again.addEventListener(type, () => resolve(type), { once: true })),
    );
    expect(await Promise.race(outcome)).toBe('error');

    const later = Math.max(iat, secondsFromNow(0)) + 1;
    const newer = await mintToken(room, { claims: { sub, role: 'guest', iat: later } });
    expect(await codeOf(post(`/rooms/${room}/join`, newer, { protocol: 1 }))).toBe('200 ok');
    moderator.close();
  });
});
