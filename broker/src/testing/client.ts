import { env, exports } from 'cloudflare:workers';
import { createExecutionContext, evictDurableObject, waitOnExecutionContext } from 'cloudflare:test';
import { SignJWT } from 'jose';
import { expect, vi } from 'vitest';
import {
  TOKEN_AUDIENCE,
  parseErrorBody,
  parseJoinResponse,
  parseTicketResponse,
  type ClientMessage,
  type JoinRequest,
  type JoinResponse,
  type LiveTrack,
  type ServerMessage,
} from '#protocol';
import { decodeBase64Url } from '../base64url.ts';
import worker from '../worker.ts';
import { BROKER, Connection, closeAll, countSockets, cutSockets } from './connection.ts';
import { isCutting } from './disturbance.ts';
import { publishingOffer } from './sdp.ts';

export { BROKER, upgrade } from './connection.ts';

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

/**
 * Ends the object's memory, as the platform does whenever it likes; what is stored and the sockets stay. In the run whose
 * sockets are cut as well, every client is back when this is done.
 */
export async function step(name = room(), options?: { webSockets: 'close' }): Promise<void> {
  if (!isEvicting && !options) return;
  if (isCutting && !options) {
    const cut = cuts.then(() => cutSockets(name, () => calls === 0));
    cuts = cut.catch(() => undefined);
    return cut;
  }
  try {
    if (options) await env.ROOMS.getByName(name).handlesOf([]);
    await evictDurableObject(env.ROOMS.getByName(name), options as never);
  } catch {
    // It was not running.
  }
}

let roomCount = 0;
/** Calls on their way: what they change is no fault of a cut. */
let calls = 0;
/** One after the other. */
let cuts = Promise.resolve();

/** The room of this test: each has its own. */
export function room(): string {
  return `room-${roomCount}`;
}

/** For `afterEach`: ends every socket, and with it the test's room. */
export function cleanUp(): void {
  closeAll();
  roomCount += 1;
}

/** One call to the Worker, from a page of another origin. The object is evicted behind it. */
export async function call(
  method: string,
  path: string,
  options: { bearer?: string; body?: unknown; headers?: Record<string, string> } = {},
): Promise<Response> {
  const { bearer, body, headers } = options;
  calls += 1;
  const response = await exports.default.fetch(`${BROKER}${path}`, {
    method,
    headers: { origin: 'https://page.test', ...(bearer && { authorization: `Bearer ${bearer}` }), ...headers },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  calls -= 1;
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
  #connection: Connection | undefined;
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

  /** Resolves with the close code of the socket. */
  get closed(): Promise<number> {
    return this.#connection?.closed ?? Promise.resolve(0);
  }

  /** Opens a socket, with a ticket that was not used before, and says hello. */
  async connect(ticket = this.joined.ticket): Promise<void> {
    const { roster, memberSecret } = this.joined;
    const connection = new Connection(this.room, memberSecret, (message) => {
      this.inbox.push(message);
      for (const wake of this.#waiting.splice(0)) wake();
    });
    connection.replica.start(roster);
    await connection.open(ticket);
    this.#connection = connection;
    await this.say({ type: 'hello', protocol: 1, epoch: roster.epoch, rev: roster.rev });
  }

  /** Opens another socket with a new ticket; what came before is dropped. */
  async reconnect(): Promise<void> {
    const response = await this.call('POST', '/ticket');
    this.inbox.length = 0;
    await this.connect(parseTicketResponse(await response.json()).ticket);
  }

  /** The answer to a ping. */
  ping(): Promise<string> {
    return this.#connection!.ping();
  }

  /** Sends one frame. The object is evicted behind it. */
  async say(frame: ClientMessage | string | ArrayBuffer): Promise<void> {
    const isRaw = typeof frame === 'string' || frame instanceof ArrayBuffer;
    this.#connection!.send(isRaw ? frame : JSON.stringify(frame));
    await this.#delivered();
    await step(this.room);
  }

  /** Sends frames one behind the other, without a wait between them. */
  flood(frames: readonly ClientMessage[]): void {
    for (const frame of frames) this.#connection!.send(JSON.stringify(frame));
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
    this.#connection!.close();
    await vi.waitUntil(async () => (await countSockets(this.room)) < open, { interval: 2 });
    await step(this.room);
  }

  /** A frame is handled before any later call on the object: one such call is the proof. */
  async #delivered(): Promise<void> {
    await env.ROOMS.getByName(this.room).handlesOf([]);
  }
}
