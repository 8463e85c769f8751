import { env, exports } from 'cloudflare:workers';
import {
  createExecutionContext,
  evictDurableObject,
  runInDurableObject,
  waitOnExecutionContext,
} from 'cloudflare:test';
import { SignJWT } from 'jose';
import { expect, vi } from 'vitest';
import {
  SOCKET_PROTOCOL,
  TICKET_PREFIX,
  TOKEN_AUDIENCE,
  parseErrorBody,
  parseJoinResponse,
  parseServerMessage,
  parseTicketResponse,
  type ClientMessage,
  type JoinRequest,
  type JoinResponse,
  type LiveTrack,
  type ServerMessage,
} from '#protocol';
import { decodeBase64Url } from '../base64url.ts';
import worker from '../worker.ts';
import { publishingOffer } from './sdp.ts';

export const BROKER = 'https://broker.test';
/** The key in broker/vitest.config.ts. */
export const KEY = decodeBase64Url('q83vASNFZ4mrze8BI0VniavN7wEjRWeJq83vASNFZ4k')!;

export const MICROPHONE: LiveTrack = { trackName: 'microphone-1', source: 'microphone', muted: false, rids: [] };
export const CAMERA: LiveTrack = { trackName: 'camera-1', source: 'camera', muted: false, rids: [] };

/** A good token; what is in `claims` goes over it. */
export function mint(claims: Record<string, unknown> = {}, key: Uint8Array = KEY): Promise<string> {
  const iat = Math.floor(Date.now() / 1000);
  const payload = { aud: TOKEN_AUDIENCE, room: room(), sub: 'ann', role: 'guest', iat, exp: iat + 600, ...claims };
  return new SignJWT(payload).setProtectedHeader({ alg: 'HS256', kid: 'main', typ: 'JWT' }).sign(key);
}

let isEvicting = true;

/** Whether the object forgets everything behind each call and frame, as it does unless told otherwise. */
export function evictBetweenSteps(isWanted: boolean): void {
  isEvicting = isWanted;
}

/** Ends the object's memory, as the platform does whenever it likes; what is stored and the sockets stay. */
export async function step(name = room(), options?: { webSockets: 'close' }): Promise<void> {
  if (!isEvicting && !options) return;
  try {
    if (options) await env.ROOMS.getByName(name).handlesOf([]);
    await evictDurableObject(env.ROOMS.getByName(name), options as never);
  } catch {
    // It was not running.
  }
}

const sockets = new Set<WebSocket>();
let roomCount = 0;

/** The room of this test: each has its own. */
export function room(): string {
  return `room-${roomCount}`;
}

/** For `afterEach`: ends every socket, and with it the test's room. */
export function cleanUp(): void {
  for (const socket of sockets) socket.close(1000, 'test over');
  sockets.clear();
  roomCount += 1;
}

/** One call to the Worker, from a page of another origin. The object is evicted behind it. */
export async function call(
  method: string,
  path: string,
  options: { bearer?: string; body?: unknown; headers?: Record<string, string> } = {},
): Promise<Response> {
  const { bearer, body, headers } = options;
  const response = await exports.default.fetch(`${BROKER}${path}`, {
    method,
    headers: { origin: 'https://page.test', ...(bearer && { authorization: `Bearer ${bearer}` }), ...headers },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const name = /^\/rooms\/([^/]+)\//.exec(path)?.[1];
  if (name) await step(name);
  return response;
}

/** The Worker with other settings than those of the test configuration. The object is not evicted. */
export async function fetchWith(settings: Record<string, unknown>, request: Request): Promise<Response> {
  const context = createExecutionContext();
  const response = await worker.fetch(request as never, { ...env, ...settings } as Env, context);
  await waitOnExecutionContext(context);
  return response;
}

/** The code of a refusal, with its status. */
export async function refusal(response: Response): Promise<string> {
  return `${response.status} ${parseErrorBody(await response.json()).errorCode}`;
}

/** Publishes a microphone and a camera. */
export function publishing(): NonNullable<JoinRequest['publish']> {
  return {
    sessionDescription: publishingOffer(),
    tracks: [
      { location: 'local', mid: '0', trackName: MICROPHONE.trackName },
      { location: 'local', mid: '1', trackName: CAMERA.trackName },
    ],
  };
}

/** Somebody in a room, with a socket that keeps what it was sent. */
export class Member {
  readonly joined: JoinResponse;
  readonly room: string;
  readonly inbox: ServerMessage[] = [];
  /** Resolves with the close code. */
  closed: Promise<number> = Promise.resolve(0);
  #socket: WebSocket | undefined;
  #waiting: (() => void)[] = [];

  constructor(name: string, joined: JoinResponse) {
    this.room = name;
    this.joined = joined;
  }

  static async join(claims: Record<string, unknown> = {}, request: Partial<JoinRequest> = {}): Promise<Member> {
    const name = typeof claims['room'] === 'string' ? claims['room'] : room();
    const response = await call('POST', `/rooms/${name}/join`, {
      bearer: await mint(claims),
      body: { protocol: 1, ...request },
    });
    const body: unknown = await response.json();
    expect(body).not.toHaveProperty('errorCode');
    return new Member(name, parseJoinResponse(body));
  }

  /** Joins with microphone and camera, opens the socket and announces both. */
  static async live(claims: Record<string, unknown> = {}): Promise<Member> {
    const member = await Member.join(claims, { publish: publishing() });
    await member.connect();
    await member.say({ type: 'tracks', sessionId: member.publishSession, tracks: [MICROPHONE, CAMERA] });
    await member.next('change', (change) => change.type === 'put' && change.participant.tracks.length === 2);
    return member;
  }

  get id(): string {
    return this.joined.self.id;
  }

  get publishSession(): string {
    const { publish } = this.joined;
    if (!publish || !('sessionId' in publish)) throw new Error('nothing was published');
    return publish.sessionId;
  }

  call(method: string, path: string, body?: unknown): Promise<Response> {
    const bearer = this.joined.memberSecret;
    return call(method, `/rooms/${this.room}${path}`, { bearer, ...(body !== undefined && { body }) });
  }

  /** Opens a socket, with a ticket that was not used before, and says hello. */
  async connect(ticket = this.joined.ticket): Promise<void> {
    const response = await upgrade(this.room, ticket);
    expect(response.status).toBe(101);
    const socket = response.webSocket!;
    const closed = Promise.withResolvers<number>();
    this.closed = closed.promise;
    this.#socket = socket;
    socket.accept();
    sockets.add(socket);
    socket.addEventListener('close', ({ code }) => closed.resolve(code));
    socket.addEventListener('message', ({ data }) => {
      if (data === 'pong') return;
      this.inbox.push(parseServerMessage(String(data)));
      for (const wake of this.#waiting.splice(0)) wake();
    });
    await this.say({ type: 'hello', protocol: 1, epoch: this.joined.roster.epoch, rev: this.joined.roster.rev });
  }

  /** Opens another socket with a new ticket; what came before is dropped. */
  async reconnect(): Promise<void> {
    const response = await this.call('POST', '/ticket');
    this.inbox.length = 0;
    await this.connect(parseTicketResponse(await response.json()).ticket);
  }

  /** The answer to a ping. */
  ping(): Promise<string> {
    return new Promise((resolve) => {
      this.#socket!.addEventListener('message', ({ data }) => resolve(String(data)), { once: true });
      this.#socket!.send('ping');
    });
  }

  /** Sends one frame. The object is evicted behind it. */
  async say(frame: ClientMessage | string | ArrayBuffer): Promise<void> {
    const isRaw = typeof frame === 'string' || frame instanceof ArrayBuffer;
    this.#socket!.send(isRaw ? frame : JSON.stringify(frame));
    await this.#delivered();
    await step(this.room);
  }

  /** Sends frames one behind the other, without a wait between them. */
  flood(frames: readonly ClientMessage[]): void {
    for (const frame of frames) this.#socket!.send(JSON.stringify(frame));
  }

  /** The next message of this type that was not taken before; what came earlier is dropped. */
  async next<T extends ServerMessage['type']>(
    type: T,
    matches: (change: Extract<ServerMessage, { type: 'change' }>['change']) => boolean = () => true,
  ): Promise<Extract<ServerMessage, { type: T }>> {
    for (;;) {
      const message = this.inbox.shift();
      if (!message) await new Promise<void>((resolve) => this.#waiting.push(resolve));
      else if (message.type === type && (message.type !== 'change' || matches(message.change)))
        return message as Extract<ServerMessage, { type: T }>;
    }
  }

  /** Ends the socket from this side, without a word before; resolves when the object has heard of it. */
  async drop(): Promise<void> {
    const open = await countSockets(this.room);
    this.#socket!.close(1000, 'test');
    await vi.waitUntil(async () => (await countSockets(this.room)) < open, { interval: 2 });
    await step(this.room);
  }

  /** A frame is handled before any later call on the object: one such call is the proof. */
  async #delivered(): Promise<void> {
    await env.ROOMS.getByName(this.room).handlesOf([]);
  }
}

function countSockets(name: string): Promise<number> {
  return runInDurableObject(env.ROOMS.getByName(name), (_object, state) => {
    return state.getWebSockets().filter(({ readyState }) => readyState === WebSocket.OPEN).length;
  });
}

export function upgrade(name: string, ticket: string, headers: Record<string, string> = {}): Promise<Response> {
  return exports.default.fetch(`${BROKER}/rooms/${name}/socket`, {
    headers: {
      upgrade: 'websocket',
      origin: 'https://page.test',
      'sec-websocket-protocol': `${SOCKET_PROTOCOL}, ${TICKET_PREFIX}${ticket}`,
      ...headers,
    },
  });
}
