import { DurableObject } from 'cloudflare:workers';
import { SOCKET_PROTOCOL, parseInteger, parseMemberId, parseObject, type RoomTokenClaims } from '#protocol';
import { attempt } from '../attempt.ts';
import { readChatHistory, readConfig, type OptionalBindings } from '../env.ts';
import { errorResponse } from '../http.ts';
import { log } from '../log.ts';
import { refuse, type Denied } from '../refusal.ts';
import { newHandle } from '../secret.ts';
import { administer, type Administered, type Command } from '../server-api/administer.ts';
import { closeByForce, isAlive } from '../sfu/abandoned.ts';
import { SfuClient } from '../sfu/sfu-client.ts';
import { deliver } from '../webhooks/deliver.ts';
import type { Outgoing } from '../webhooks/outbox.ts';
import type { Closing } from './closings.ts';
import { Limits } from './rate-limit.ts';
import { receiveFrame } from './receive-frame.ts';
import { RoomStore } from './room-store.ts';
import type { Bearer, Effect, SeatRef } from './room-state.ts';
import { Room, type Access, type JoinInput, type Joined, type Seated } from './room.ts';
import { handlesOf, type RemoteTrack, type Session } from './sessions.ts';

/** The hash of a ticket travels from the Worker to the room in this header; no client's headers do. */
export const TICKET_HASH_HEADER = 'x-ticket-hash';

/** What a socket remembers through hibernation: which connection it is, and since when. All else is in the room. */
const parseAttachment = parseObject<{ version: number; connectionId: string; openedAt: number }>({
  version: parseInteger(1, 1),
  connectionId: parseMemberId,
  openedAt: parseInteger(0, Number.MAX_SAFE_INTEGER),
});

/**
 * The Durable Object around a {@link Room}: brings calls, frames and alarms to it, does what it says, and sleeps in
 * between. Calls to the SFU are made by the Worker; only what was abandoned is closed from here, in the background.
 */
export class RoomObject extends DurableObject<Env> {
  readonly #store: RoomStore;
  readonly #hasWebhook: boolean;
  readonly #chatHistory: number;
  #room: Room;
  #isDelivering = false;
  #alarmAt = Infinity;
  /** Signs of life as of the last look at the sockets: those that came since can only put things off. */
  #heardAt: ReadonlyMap<string, number> = new Map();

  constructor(ctx: DurableObjectState, env: Env & OptionalBindings) {
    super(ctx, env);
    this.#hasWebhook = Boolean(env.WEBHOOK_URL);
    ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair('ping', 'pong'));
    this.#store = new RoomStore(ctx.storage.sql);
    this.#chatHistory = readChatHistory(env.CHAT_HISTORY) ?? 0;
    this.#room = new Room(newHandle, this.#store.load(), new Limits(), this.#chatHistory);
    this.#tick();
  }

  join(input: JoinInput): Joined | Denied {
    return this.#apply((room, now) => room.join(input, now));
  }

  mayJoin(claims: RoomTokenClaims): { ok: true } | Denied {
    return this.#apply((room, now) => room.mayJoin(claims, now));
  }

  enter(bearer: Bearer): Seated | Denied {
    return this.#apply((room, now) => room.enter(bearer, now));
  }

  access(bearer: Bearer, handle: string, remotes: readonly RemoteTrack[]): Access | Denied {
    return this.#apply((room, now) => room.access(bearer, handle, remotes, now));
  }

  commit(ref: SeatRef, made: readonly Session[], ticketHash?: string): boolean {
    return this.#apply((room, now) => room.commit(ref, made, now, ticketHash));
  }

  tracksClosed(ref: SeatRef, handle: string, mids: readonly string[]): void {
    this.#apply((room) => room.tracksClosed(ref, handle, mids));
  }

  handlesOf(sfuIds: readonly string[]): Map<string, string> {
    return handlesOf([...this.#room.state.seats.values()], sfuIds);
  }

  administer(claims: RoomTokenClaims, command: Command): Administered | Denied {
    return this.#apply((room, now) => administer(room, claims, command, now));
  }

  addTicket(bearer: Bearer, ticketHash: string): Seated | Denied {
    return this.#apply((room, now) => room.addTicket(bearer, ticketHash, now));
  }

  leave(bearer: Bearer, mayReturn: boolean): Seated | Denied {
    return this.#apply((room, now) => room.leave(bearer, mayReturn, now));
  }

  /** Opens a socket. Only the Worker calls this, with the hash of the ticket it was shown. */
  override fetch(request: Request): Response {
    const connectionId = newHandle();
    const { 0: client, 1: server } = new WebSocketPair();
    const ticketHash = request.headers.get(TICKET_HASH_HEADER) ?? '';
    const isOpen = this.#apply((room, now) => room.openSocket(ticketHash, connectionId, now));
    if (!isOpen) return errorResponse(refuse('unauthorized'));
    this.ctx.acceptWebSocket(server, [connectionId]);
    server.serializeAttachment({ version: 1, connectionId, openedAt: Date.now() });
    const headers = { 'sec-websocket-protocol': SOCKET_PROTOCOL };
    return new Response(null, { status: 101, webSocket: client, headers });
  }

  override webSocketMessage(socket: WebSocket, frame: string | ArrayBuffer): void {
    const id = readAttachment(socket)?.connectionId;
    if (id !== undefined) this.#apply((room, now) => receiveFrame(room, id, frame, now));
  }

  override webSocketClose(socket: WebSocket): void {
    const id = readAttachment(socket)?.connectionId;
    if (id !== undefined) this.#apply((room, now) => room.socketLost(id, now));
  }

  override webSocketError(socket: WebSocket): void {
    this.webSocketClose(socket);
  }

  override alarm(): void {
    this.#alarmAt = Infinity;
    this.#tick();
  }

  #tick(): void {
    this.#heardAt = this.#openSockets();
    this.#apply((room, now) => room.tick(this.#heardAt, now));
  }

  /** Every event comes through here: the room decides, then its state is saved and its effects happen. */
  #apply<T>(run: (room: Room, now: number) => T): T {
    const room = this.#room;
    const now = Date.now();
    const result = run(room, now);
    const effects = room.takeEffects();
    for (const effect of this.#hasWebhook ? effects : [])
      if (effect.type === 'webhook')
        room.outbox.add({ id: newHandle(), at: now, room: this.ctx.id.name ?? '', ...effect.event });
    const closings = room.closings.takeDue(now);
    const event = this.#isDelivering ? undefined : room.outbox.takeDue(now);
    if (room.isOver) this.#forget();
    else this.#store.save(room.state);
    for (const effect of effects) this.#perform(effect, now);
    for (const closing of closings) this.ctx.waitUntil(this.#close(closing));
    if (event) this.ctx.waitUntil(this.#deliver(event, now));
    this.#setAlarm(now);
    return result;
  }

  #perform(effect: Effect, now: number): void {
    switch (effect.type) {
      case 'send':
        return this.#send(effect.connectionId, JSON.stringify(effect.message));
      case 'broadcast': {
        const text = JSON.stringify(effect.message);
        for (const [id, own] of this.#room.receivers(effect.message, now))
          this.#send(id, own === effect.message ? text : JSON.stringify(own));
        return;
      }
      case 'close':
        return this.#withSocket(effect.connectionId, (socket) => socket.close(effect.code, effect.reason));
      case 'probe':
        return this.ctx.waitUntil(this.#probe(effect));
      case 'log': {
        const { participant, reason } = effect;
        const room = this.ctx.id.toString().slice(0, 16);
        return log(effect.event, { room, participant, reason, participants: this.#room.state.seats.size });
      }
    }
  }

  #send(connectionId: string, text: string): void {
    this.#room.readers.sent(connectionId, text.length);
    this.#withSocket(connectionId, (socket) => socket.send(text));
  }

  #withSocket(connectionId: string, run: (socket: WebSocket) => void): void {
    for (const socket of this.ctx.getWebSockets(connectionId)) {
      try {
        run(socket);
      } catch {
        // TypeError: it is closing already, and its close event says so by itself.
      }
    }
  }

  /** Storage is kept as long as there is somebody or something to remember, and not a moment longer. */
  #forget(): void {
    this.#room = new Room(newHandle, undefined, this.#room.limits, this.#chatHistory);
    if (this.#store.isEmpty) return;
    this.#store.forget();
    this.#alarmAt = Infinity;
    this.ctx.waitUntil(this.ctx.storage.deleteAll());
  }

  #setAlarm(now: number): void {
    const next = this.#room.nextDue(this.#heardAt, now);
    if (next >= this.#alarmAt) return;
    this.#alarmAt = next;
    this.ctx.waitUntil(this.ctx.storage.setAlarm(next));
  }

  /** Open sockets by connection id, with their last sign of life. */
  #openSockets(): Map<string, number> {
    const open = this.ctx.getWebSockets().filter((socket) => socket.readyState === WebSocket.OPEN);
    return new Map(
      open.flatMap((socket) => {
        const attachment = readAttachment(socket);
        const heardAt = this.ctx.getWebSocketAutoResponseTimestamp(socket)?.getTime();
        return attachment ? [[attachment.connectionId, heardAt ?? attachment.openedAt]] : [];
      }),
    );
  }

  /** Does the SFU still know a session of somebody of whom nothing else is heard? */
  async #probe({ ref, sfuIds, calledAt }: Effect & { type: 'probe' }): Promise<void> {
    const sfu = new SfuClient((await readConfig(this.env)).sfu);
    const alive = await Promise.all(sfuIds.map((sfuId) => isAlive(sfu, sfuId)));
    if (!alive.includes(true)) this.#apply((room, now) => room.lapse(ref, calledAt, now));
  }

  async #close({ sfuId, mids, attempts }: Closing): Promise<void> {
    try {
      const sfu = new SfuClient((await readConfig(this.env)).sfu);
      const closed = await closeByForce(sfu, sfuId, mids);
      this.#apply((room, now) => room.closings.done(sfuId, closed, now));
    } catch (error) {
      log('close_failed', { attempts, reason: error instanceof Error ? error.message : 'unknown' });
    }
  }

  /** One event at a time, in the background: a receiver that is slow or gone delays nobody. */
  async #deliver(event: Outgoing, now: number): Promise<void> {
    this.#isDelivering = true;
    // Misconfigured is as when the receiver fails: it is tried again.
    const config = await readConfig(this.env).catch(() => undefined);
    const isTaken = config?.webhooks !== undefined && (await deliver(config.webhooks, event, now));
    this.#isDelivering = false;
    this.#apply((room) => isTaken && room.outbox.taken(event.id));
  }
}

/** Undefined where there is none, or one that this version does not know. */
function readAttachment(socket: WebSocket): ReturnType<typeof parseAttachment> | undefined {
  return attempt(() => parseAttachment(socket.deserializeAttachment()));
}
