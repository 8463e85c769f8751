import type { ClientMessage, Grants, LiveTrack, RoomTokenClaims, ServerMessage } from '#protocol';
import { receiveFrame } from '../room/receive-frame.ts';
import type { Effect, SeatRef } from '../room/room-state.ts';
import { Room } from '../room/room.ts';
import type { Seat } from '../room/seat.ts';
import { openMids } from '../room/sessions.ts';
import { Replica } from './replica.ts';

const GRANTS: Grants = { publish: ['audio', 'video'], subscribe: true, chat: true, moderate: true };
const MICROPHONE: LiveTrack = { trackName: 'mic', source: 'microphone', muted: false, rids: [] };

/** A client that keeps to the protocol, on a network that delivers when it is told to. */
export class SimulatedClient {
  readonly sub: string;
  replica = new Replica();
  secret = '';
  ticket = '';
  id = '';
  sessionId = '';
  socket: string | undefined;
  /** On their way. */
  toRoom: ClientMessage[] = [];
  toClient: ServerMessage[] = [];
  /** What the room has said to this client, or to all while it had its seat: by `seq`. */
  readonly spoken = new Set<number>();
  isOut = true;

  constructor(sub: string) {
    this.sub = sub;
  }

  /** Out of the call. */
  forget(): void {
    this.isOut = true;
    this.forgetSocket();
    this.spoken.clear();
    this.replica = new Replica();
  }

  /** What was on its way is lost. */
  forgetSocket(): void {
    this.socket = undefined;
    this.toRoom = [];
    this.toClient = [];
  }

  /** A message to all was said while this client had a seat. */
  hold(seq: number): void {
    if (!this.isOut) this.spoken.add(seq);
  }

  read(message: ServerMessage): void {
    if (message.type === 'mute') this.announce(true);
    const { epoch, rev, chat } = this.replica;
    if (this.replica.read(message) === 'gap')
      this.toRoom.push({ type: 'hello', protocol: 1, epoch, rev, chat: Math.max(0, ...chat) });
  }

  announce(muted: boolean): void {
    const { sessionId } = this;
    if (sessionId) this.toRoom.push({ type: 'tracks', sessionId, tracks: [{ ...MICROPHONE, muted }] });
  }
}

/** A room with clients around it, without a runtime: what the Durable Object does is done here, one step at a time. */
export class SimulatedCall {
  readonly clients: SimulatedClient[];
  room: Room;
  now = 1_800_000_000_000;
  /** Sections open at the SFU, each as `session/mid`. */
  readonly open = new Set<string>();
  /** Calls to the SFU that have not come back yet. */
  readonly late: { ref: SeatRef; sfuId: string }[] = [];
  /** The next calls that close at the SFU fail. */
  closingFails = 0;
  /** What is wrong so far. */
  readonly faults: string[] = [];
  #ids = 0;
  #last: { epoch: string; rev: number };

  constructor(clients: number) {
    this.clients = Array.from({ length: clients }, (_, index) => new SimulatedClient(`sub-${index}`));
    this.room = new Room(this.newId);
    this.#last = { epoch: this.room.state.epoch, rev: 0 };
  }

  newId = (): string => `${(this.#ids += 1)}`.padStart(32, '0');

  /** One event of the room, as the object takes it. */
  apply<T>(run: (room: Room) => T): T {
    const result = run(this.room);
    for (const effect of this.room.takeEffects()) this.#perform(effect);
    this.#closeAtSfu();
    this.#check();
    if (this.room.isOver) this.#renew(undefined);
    return result;
  }

  join(client: SimulatedClient): void {
    const [secret, ticket] = [this.newId(), this.newId()];
    const iat = Math.floor(this.now / 1000);
    const claims: RoomTokenClaims = {
      room: 'r',
      sub: client.sub,
      iat,
      exp: iat + 600,
      role: 'host',
      grants: GRANTS,
      limits: {},
      lobby: false,
    };
    const joined = this.apply((room) =>
      room.join({ claims, name: client.sub, secretHash: secret, ticketHash: ticket }, this.now),
    );
    if (!joined.ok) return;
    if (client.isOut || client.id !== joined.self.id) client.spoken.clear();
    client.forgetSocket();
    Object.assign(client, { secret, ticket, id: joined.self.id, sessionId: '', isOut: false });
    client.replica.start(joined.roster);
    this.late.push({ ref: joined.ref, sfuId: this.newId() });
    this.open.add(`${this.late.at(-1)!.sfuId}/0`);
  }

  /** The SFU has answered: what it made is kept, or closed where its seat has moved on. */
  commit(): void {
    const made = this.late.shift();
    if (!made) return;
    const { ref, sfuId } = made;
    const session = { handle: this.newId(), sfuId, published: [{ ...PUBLISHED }], pulled: [] };
    const isKept = this.apply((room) => room.commit(ref, [session], this.now));
    const client = this.clients.find(({ id, isOut }) => id === ref.seatId && !isOut);
    if (!isKept || !client) return;
    client.sessionId = session.handle;
    client.announce(false);
  }

  connect(client: SimulatedClient): void {
    if (client.isOut || client.socket !== undefined) return;
    if (client.ticket === '') {
      const ticket = this.newId();
      const bearer = { type: 'member', secretHash: client.secret } as const;
      const granted = this.apply((room) => room.addTicket(bearer, ticket, this.now));
      if (!granted.ok) return client.forget();
      client.ticket = ticket;
    }
    const [socket, ticket] = [this.newId(), client.ticket];
    client.ticket = '';
    if (!this.apply((room) => room.openSocket(ticket, socket, this.now))) return;
    const { epoch, rev, chat } = client.replica;
    client.socket = socket;
    client.toRoom = [{ type: 'hello', protocol: 1, epoch, rev, chat: Math.max(0, ...chat) }];
    client.announce(false);
  }

  /** The socket ends. `isHeard`: the room is told; otherwise it finds out by itself. */
  drop(client: SimulatedClient, isHeard: boolean): void {
    const { socket } = client;
    client.forgetSocket();
    if (socket !== undefined && isHeard) this.apply((room) => room.socketLost(socket, this.now));
  }

  /** The object's memory ends, and its sockets with it where they are cut. */
  evict(isCut: boolean): void {
    if (isCut) for (const client of this.clients) client.forgetSocket();
    this.#renew(structuredClone(this.room.state));
    this.pass(0);
  }

  pass(ms: number): void {
    this.now += ms;
    const open = new Map(this.clients.flatMap(({ socket }) => (socket === undefined ? [] : [[socket, this.now]])));
    this.apply((room) => room.tick(open, this.now));
  }

  say(client: SimulatedClient): void {
    const message = client.toRoom.shift();
    const { socket } = client;
    if (message && socket !== undefined)
      this.apply((room) => receiveFrame(room, socket, JSON.stringify(message), this.now));
  }

  hear(client: SimulatedClient): void {
    const message = client.toClient.shift();
    if (message) client.read(message);
  }

  /** Everything arrives, everybody who has a seat has a socket, and all that is due is done. */
  settle(): void {
    this.closingFails = 0;
    while (this.late.length > 0) this.commit();
    for (let round = 0; round < 20; round += 1) {
      this.pass(2_000);
      for (const client of this.clients) {
        this.connect(client);
        while (client.socket !== undefined && client.toRoom.length + client.toClient.length > 0) {
          this.say(client);
          this.hear(client);
        }
      }
    }
  }

  #renew(state: Room['state'] | undefined): void {
    this.room = new Room(this.newId, state);
    if (!state) this.#last = { epoch: this.room.state.epoch, rev: 0 };
  }

  #perform(effect: Effect): void {
    if (effect.type === 'send') this.#deliver(effect.connectionId, effect.message);
    if (effect.type === 'broadcast') {
      if (effect.message.type === 'change') this.#follow(effect.message);
      if (effect.message.type === 'chat') for (const client of this.clients) client.hold(effect.message.seq);
      for (const [id, message] of this.room.receivers(effect.message, this.now)) this.#deliver(id, message);
    }
    if (effect.type === 'close') {
      const client = this.clients.find(({ socket }) => socket === effect.connectionId);
      if (client && [4401, 4403, 4410].includes(effect.code)) client.forget();
      else client?.forgetSocket();
      this.room.socketLost(effect.connectionId, this.now);
    }
  }

  #deliver(connectionId: string, message: ServerMessage): void {
    this.room.readers.sent(connectionId, JSON.stringify(message).length);
    this.clients.find(({ socket }) => socket === connectionId)?.toClient.push(message);
  }

  #closeAtSfu(): void {
    for (const { sfuId, mids, attempts } of this.room.closings.takeDue(this.now)) {
      if (this.closingFails > 0 && attempts < CLOSING_FAILS_MAX) {
        this.closingFails -= 1;
        continue;
      }
      for (const mid of mids) this.open.delete(`${sfuId}/${mid}`);
      this.room.closings.done(sfuId, mids, this.now);
    }
  }

  #follow({ epoch, rev }: { epoch: string; rev: number }): void {
    if (epoch !== this.#last.epoch || rev !== this.#last.rev + 1)
      this.faults.push(`revision ${rev} of ${epoch} came after ${this.#last.rev} of ${this.#last.epoch}`);
    this.#last = { epoch, rev };
  }

  /** What holds between any two events. */
  #check(): void {
    const { seats, waiting, closings } = this.room.state;
    const all = [...seats.values(), ...waiting.values()];
    if (new Set(all.map(({ sub }) => sub)).size < all.length) this.faults.push('a sub has two seats');
    for (const seat of all) if (!isPublished(seat)) this.faults.push(`${seat.sub} announces what it has not published`);
    const { epoch, rev } = this.room.state;
    const whole = JSON.stringify(this.room.snapshot().participants);
    for (const { sub, isOut, replica } of this.clients)
      if (!isOut && replica.epoch === epoch && replica.rev === rev && JSON.stringify(replica.participants) !== whole)
        this.faults.push(`${sub} has revision ${rev}, and another roster`);
    const known = new Set(this.late.map(({ sfuId }) => `${sfuId}/0`));
    for (const { sfuId, mids } of closings.values()) for (const mid of mids) known.add(`${sfuId}/${mid}`);
    for (const session of all.flatMap(({ sessions }) => sessions))
      for (const mid of openMids(session)) known.add(`${session.sfuId}/${mid}`);
    for (const section of this.open)
      if (!known.has(section)) this.faults.push(`${section} is open and nobody knows it`);
  }
}

/** After five tries the room gives up, as it should. */
const CLOSING_FAILS_MAX = 4;
const PUBLISHED = { trackName: MICROPHONE.trackName, mid: '0', kind: 'audio', state: 'open' } as const;

function isPublished({ tracks, sessions, sessionId }: Seat): boolean {
  const session = sessions.find(({ handle }) => handle === sessionId);
  return tracks.every(({ trackName }) =>
    session?.published.some((track) => track.trackName === trackName && track.state === 'open'),
  );
}
