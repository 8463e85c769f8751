import { createHmac, randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  PROTOCOL_VERSION,
  SOCKET_PROTOCOL,
  TICKET_PREFIX,
  TOKEN_AUDIENCE,
  parseJoinResponse,
  parseTicketResponse,
  type JoinRequest,
  type JoinResponse,
} from '#protocol';
import { freePort } from '../ports.ts';
import { RawSocket } from './raw-socket.ts';
import { startRuntime, type Runtime } from './runtime.ts';
import { startSfuDouble, type SfuDouble } from './sfu-double.ts';

const ENTRY = join(fileURLToPath(new URL('../..', import.meta.url)), 'src/worker.ts');

/** The broker on the bare runtime, with a double of the SFU behind it. */
export class BareBroker {
  readonly port: number;
  readonly runtime: Runtime;
  readonly sfu: SfuDouble;
  readonly #secret: Buffer;

  private constructor(port: number, runtime: Runtime, sfu: SfuDouble, secret: Buffer) {
    this.port = port;
    this.runtime = runtime;
    this.sfu = sfu;
    this.#secret = secret;
  }

  /** `entry`: a Worker around the broker's own. */
  static async start(entry = ENTRY): Promise<BareBroker> {
    const [port, sfu, secret] = [await freePort(), await startSfuDouble(), randomBytes(32)];
    const keys = [{ kty: 'oct', kid: 'main', alg: 'HS256', k: secret.toString('base64url') }];
    const runtime = await startRuntime({
      entry,
      port,
      environment: {
        REALTIME_API_URL: sfu.url,
        REALTIME_APP_ID: 'app',
        REALTIME_APP_TOKEN: 'secret',
        ROOM_TOKEN_KEYS: JSON.stringify(keys),
      },
      objects: { ROOMS: 'RoomObject' },
    });
    return new BareBroker(port, runtime, sfu, secret);
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  mint(room: string, sub: string, claims: object = {}): string {
    const iat = Math.floor(Date.now() / 1000);
    const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url');
    const payload = { aud: TOKEN_AUDIENCE, room, sub, role: 'guest', iat, exp: iat + 600, ...claims };
    const text = `${encode({ alg: 'HS256', kid: 'main', typ: 'JWT' })}.${encode(payload)}`;
    return `${text}.${createHmac('sha256', this.#secret).update(text).digest('base64url')}`;
  }

  post(path: string, bearer: string, body?: object): Promise<Response> {
    return fetch(`${this.url}${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${bearer}`, 'content-type': 'application/json' },
      ...(body && { body: JSON.stringify(body) }),
    });
  }

  async join(room: string, sub: string, request: Partial<JoinRequest> = {}): Promise<JoinResponse> {
    const body = { protocol: PROTOCOL_VERSION, ...request };
    const response = await this.post(`/rooms/${room}/join`, this.mint(room, sub), body);
    if (!response.ok) throw new Error(`join answered ${response.status}: ${await response.text()}`);
    return parseJoinResponse(await response.json());
  }

  async ticket(room: string, memberSecret: string): Promise<string> {
    const response = await this.post(`/rooms/${room}/ticket`, memberSecret);
    if (!response.ok) throw new Error(`ticket answered ${response.status}: ${await response.text()}`);
    return parseTicketResponse(await response.json()).ticket;
  }

  socket(room: string, ticket: string, extensions?: string): Promise<RawSocket> {
    return RawSocket.open({
      port: this.port,
      path: `/rooms/${room}/socket`,
      protocols: [SOCKET_PROTOCOL, `${TICKET_PREFIX}${ticket}`],
      ...(extensions && { extensions }),
    });
  }

  /** Joins, opens the socket and says hello. */
  async enter(room: string, sub: string, extensions?: string): Promise<RawSocket> {
    const { ticket, roster } = await this.join(room, sub);
    const socket = await this.socket(room, ticket, extensions);
    socket.say({ type: 'hello', protocol: PROTOCOL_VERSION, epoch: roster.epoch, rev: roster.rev });
    return socket;
  }

  async stop(): Promise<void> {
    await this.runtime.stop();
    await this.sfu.stop();
  }
}
