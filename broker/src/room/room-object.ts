import { DurableObject } from 'cloudflare:workers';
import { SOCKET_PROTOCOL, type RoomTokenClaims, type ServerMessage } from '#protocol';
import { readChatHistory, readConfig, type OptionalBindings } from '../env.ts';
import { errorResponse } from '../http.ts';
import { log } from '../log.ts';
import { refuse, type Denied } from '../refusal.ts';
import { newHandle } from '../secret.ts';
import { administer, type Administered, type Command } from '../server-api/administer.ts';
import { closeByForce, isAlive } from '../sfu/abandoned.ts';
import { SfuClient } from '../sfu/sfu-client.ts';
import { Webhooks } from '../webhooks/webhooks.ts';
import { parseAttachment, type Attachment } from './attachment.ts';
import type { Closing } from './closings.ts';
import { fanOut } from './fan-out.ts';
import { handlesOf, type Bearer, type RemoteTrack } from './lookup.ts';
import { Limits } from './rate-limit.ts';
import { receiveFrame } from './receive-frame.ts';
import { RoomStore } from './room-store.ts';
import type { Effect, SeatRef } from './room-state.ts';
import { Room, type Access, type JoinInput, type Joined, type Seated } from './room.ts';
import type { Session } from './seat.ts';

/** The hash of a ticket travels from the Worker to the room in this header; no client's headers do. */
export const TICKET_HASH_HEADER = 'x-ticket-hash';

/**
 * The Durable Object around a {@link Room}: brings calls, frames and alarms to it, does what it says, and sleeps in
 * between. Calls to the SFU are made by the Worker; only what was abandoned is closed from here, in the background.
 */
export class RoomObject extends DurableObject<Env> {
  readonly #store: RoomStore;
  readonly #webhooks: Webhooks | undefined;
  readonly #chatHistory: number;
  #room: Room;
  #alarmAt = Number.POSITIVE_INFINITY;
  /** Signs of life as of the last look at the sockets: those that came since can only put things off. */
  #heardAt: ReadonlyMap<string, number> = new Map();

  constructor(ctx: DurableObjectState, env: Env & OptionalBindings) {
    super(ctx, env);
    this.#webhooks = env.WEBHOOK_URL ? new Webhooks(ctx, env) : undefined;
    ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair('ping', 'pong'));
    this.#store = new RoomStore(ctx.storage.sql);
    this.#chatHistory = readChatHistory(env.CHAT_HISTORY) ?? 0;
    this.#room = new Room(newHandle, this.#store.load(), new Limits(), this.#chatHistory);
    this.#tick();
  }

  join(input: JoinInput): Joined | Denied {
    return this.#apply((room, now) => room.join(input, now));
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
    const isOpen = this.#apply((room, now) => {
      const isGood = room.openSocket(ticketHash, connectionId, now);
      if (isGood) this.#accept(server, { version: 1, connectionId, openedAt: now });
      return isGood;
    });
    if (!isOpen) return errorResponse(refuse('unauthorized'));
    return new Response(null, {
      status: 101,
      webSocket: client,
      headers: { 'sec-websocket-protocol': SOCKET_PROTOCOL },
    });
  }

  override webSocketMessage(socket: WebSocket, frame: string | ArrayBuffer): void {
    const id = connectionIdOf(socket);
    if (id !== undefined) this.#apply((room, now) => receiveFrame(room, id, frame, now));
  }

  override webSocketClose(socket: WebSocket): void {
    const id = connectionIdOf(socket);
    if (id !== undefined) this.#apply((room, now) => room.socketLost(id, now));
  }

  override webSocketError(socket: WebSocket): void {
    this.webSocketClose(socket);
  }

  override alarm(): void {
    this.#alarmAt = Number.POSITIVE_INFINITY;
    this.#tick();
  }

  #tick(): void {
    this.#heardAt = this.#openSockets();
    this.#apply((room, now) => room.tick(this.#heardAt, now));
  }

  #accept(server: WebSocket, attachment: Attachment): void {
    this.ctx.acceptWebSocket(server, [attachment.connectionId]);
    server.serializeAttachment(attachment);
  }

  /** Every event comes through here: the room decides, then its state is saved and its effects happen. */
  #apply<T>(run: (room: Room, now: number) => T): T {
    const room = this.#room;
    const now = Date.now();
    const result = run(room, now);
    const effects = room.takeEffects();
    const due = room.closings.takeDue(now);
    this.#webhooks?.follow(effects, room.state.seats.values(), now, () => this.#apply(() => undefined));
    if (room.isOver) this.#forget();
    else this.#store.save(room.state);
    for (const effect of effects) this.#perform(effect);
    for (const closing of due) this.ctx.waitUntil(this.#close(closing));
    this.#setAlarm(now);
    return result;
  }

  #perform(effect: Effect): void {
    switch (effect.type) {
      case 'send':
        return this.#send(effect.connectionId, effect.message);
      case 'broadcast':
        return this.#broadcast(effect.message);
      case 'close':
        for (const socket of this.ctx.getWebSockets(effect.connectionId)) closeQuietly(socket, effect);
        return;
      case 'probe':
        return this.ctx.waitUntil(this.#probe(effect));
      case 'log': {
        const { participant, reason } = effect;
        const room = this.ctx.id.toString().slice(0, 16);
        return log(effect.event, { room, participant, reason, participants: this.#room.state.seats.size });
      }
    }
  }

  #send(connectionId: string, message: ServerMessage): void {
    this.#deliver(connectionId, JSON.stringify(message));
  }

  #broadcast(message: ServerMessage): void {
    const text = JSON.stringify(message);
    for (const [id, own] of fanOut(this.#room, message, Date.now()))
      this.#deliver(id, own === message ? text : JSON.stringify(own));
  }

  #deliver(connectionId: string, text: string): void {
    this.#room.readers.sent(connectionId, text.length);
    for (const socket of this.ctx.getWebSockets(connectionId)) sendQuietly(socket, text);
  }

  /** Storage is kept as long as there is somebody or something to remember, and not a moment longer. */
  #forget(): void {
    this.#room = new Room(newHandle, undefined, this.#room.limits, this.#chatHistory);
    if (this.#webhooks?.isPending) return this.#store.clear();
    if (!this.#store.exists && !this.#webhooks?.exists) return;
    this.#store.reset();
    this.#webhooks?.reset();
    this.#alarmAt = Number.POSITIVE_INFINITY;
    this.ctx.waitUntil(this.ctx.storage.deleteAll());
  }

  #setAlarm(now: number): void {
    const next = Math.min(this.#room.nextDue(this.#heardAt, now), this.#webhooks?.dueAt ?? Infinity);
    if (next >= this.#alarmAt) return;
    this.#alarmAt = next;
    this.ctx.waitUntil(this.ctx.storage.setAlarm(next));
  }

  /** Open sockets by connection id, with their last sign of life. */
  #openSockets(): Map<string, number> {
    const open = this.ctx.getWebSockets().filter((socket) => socket.readyState === WebSocket.OPEN);
    return new Map(
      open.flatMap((socket) => {
        const attachment = parseAttachment(socket.deserializeAttachment());
        if (!attachment) return [];
        const heardAt = this.ctx.getWebSocketAutoResponseTimestamp(socket)?.getTime() ?? attachment.openedAt;
        return [[attachment.connectionId, heardAt]];
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
}

function connectionIdOf(socket: WebSocket): string | undefined {
  return parseAttachment(socket.deserializeAttachment())?.connectionId;
}

/** A socket may close between the list and the call; its close event says so by itself. */
function sendQuietly(socket: WebSocket, text: string): void {
  try {
    socket.send(text);
  } catch {
    // TypeError: the socket is closing.
  }
}

function closeQuietly(socket: WebSocket, { code, reason }: { code: number; reason: string }): void {
  try {
    socket.close(code, reason);
  } catch {
    // TypeError: the socket is closing already.
  }
}
