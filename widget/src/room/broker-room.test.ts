import { beforeEach, describe, expect, it } from 'vitest';
import { CallError } from '../call/errors.ts';
import { BrokerError, type SocketEvent } from '../call/ports.ts';
import { FakeClock, settle } from '../testing/fake-clock.ts';
import {
  endlessBody,
  FakeFetch,
  json,
  misshapen,
  silence,
  text,
  unreachable,
  type Answer,
} from '../testing/fake-fetch.ts';
import { FakeSocket } from '../testing/fake-socket.ts';
import { joinResponse, liveTrack } from '../testing/people.ts';
import { unsignedToken } from '../testing/unsigned-token.ts';
import { BrokerRoom, JOIN_TIMEOUT_MS } from './broker-room.ts';
import { WAKE_PONG_TIMEOUT_MS } from './room-socket.ts';
import { TabMemory } from './tab-memory.ts';
import { TokenSource } from './token-source.ts';

const BROKER = 'https://broker.example';
const TOKEN = unsignedToken();
const HANDLE = 'a'.repeat(32);
const { publish: _, ...JOINED } = joinResponse();

let clock: FakeClock;
let network: FakeFetch;
let memory: TabMemory;
let sockets: FakeSocket[];
let settings: { room: string; broker: string; token: string; tokenUrl: string };
const signal = new AbortController().signal;

beforeEach(() => {
  clock = new FakeClock();
  sockets = [];
  memory = new TabMemory({ storage: undefined, locks: undefined, newId: () => 'guest-1' });
  settings = { room: 'studio', broker: BROKER, token: TOKEN, tokenUrl: '' };
});

function open(...answers: Answer[]): BrokerRoom {
  network = new FakeFetch(...answers);
  const { fetch } = network;
  const tokens = new TokenSource({
    settings: () => settings,
    askPage: () => undefined,
    guestId: () => memory.guestId(),
    fetch,
    clock,
  });
  return new BrokerRoom({
    settings: () => settings,
    tokens,
    memory,
    fetch,
    openSocket: (url, protocols) => {
      const socket = new FakeSocket(url, protocols);
      sockets.push(socket);
      return socket;
    },
    onWake: () => () => {},
    isHidden: () => false,
    clock,
    random: () => 1,
  });
}

async function openJoined(...answers: Answer[]): Promise<BrokerRoom> {
  const room = open(json(JOINED), ...answers);
  await room.join({}, signal);
  return room;
}

function connect(room: BrokerRoom, events: SocketEvent[] = []): FakeSocket {
  room.connect(JOINED, (event) => events.push(event));
  return sockets.at(-1)!;
}

async function errorOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => 'no error',
    (error: unknown) => error,
  );
}

function refusal(errorCode: string, status: number): Answer {
  return json({ errorCode, errorDescription: 'on order' }, status);
}

describe('a join', () => {
  it('is one call with the token, the protocol and what is offered', async () => {
    const room = open(json(JOINED));
    expect(await room.join({ name: 'Ann' }, signal)).toEqual(JOINED);
    expect(network.calls).toHaveLength(1);
    const { method, url, headers, bearer, body, init } = network.lastCall;
    expect(`${method} ${url}`).toBe('POST https://broker.example/rooms/studio/join');
    expect(bearer).toBe(TOKEN);
    // With any header of its own it would need a preflight first.
    expect([...headers]).toEqual([]);
    expect(String(url)).not.toContain(TOKEN);
    expect(body).toEqual({ name: 'Ann', protocol: 1 });
    expect(init.credentials).toBe('omit');
  });

  it('is prepared by one call with the token and the offers, which holds no seat', async () => {
    const offer = { type: 'offer' as const, sdp: 'v=0\r\n' };
    const answer = {
      sessions: [{ prepared: 'x', sessionDescription: { type: 'answer', sdp: 'v=0\r\n' } }],
      iceServers: [],
    };
    const room = open(json(answer));
    expect(await room.prepare([offer], signal)).toEqual(answer);
    const { method, url, bearer, body, headers } = network.lastCall;
    expect(`${method} ${url}`).toBe('POST https://broker.example/rooms/studio/prepare');
    expect([bearer, body, [...headers]]).toEqual([TOKEN, { offers: [offer] }, []]);
    room.leave(false);
    expect(network.calls).toHaveLength(1);
  });

  it('comes back to the seat it left, and only if it may', async () => {
    const room = await openJoined();
    room.leave(true);
    await room.join({}, signal);
    expect(network.lastCall.body).toMatchObject({ resume: JOINED.memberSecret });
    room.leave(false);
    await room.join({}, signal);
    expect(network.lastCall.body).not.toHaveProperty('resume');
  });

  it.each([
    ['a full room', refusal('room_full', 423), 'room-full'],
    ['no right', refusal('forbidden', 403), 'not-allowed'],
    ['an old client', refusal('client_too_old', 426), 'client-too-old'],
    ['too many calls', refusal('rate_limited', 429), 'rate-limited'],
    ['missing keys', refusal('misconfigured', 503), 'broker-misconfigured'],
    ['an SFU that refuses', refusal('sfu_error', 502), 'sfu-refused'],
    ['an SFU that is away', refusal('sfu_unreachable', 502), 'sfu-unreachable'],
    ['an SFU that is slow', refusal('sfu_timeout', 504), 'sfu-timeout'],
    ['a fault of the broker', refusal('internal_error', 500), 'broker-failed'],
    ['a code of another age', refusal('toString', 500), 'broker-failed'],
    ['a proxy’s page', text('<h1>502</h1>', 502), 'broker-failed'],
    ['a page where there is no broker', text('<h1>Welcome</h1>'), 'broker-failed'],
    ['an answer with holes', json({ ...JOINED, roster: undefined }), 'broker-failed'],
    ['a network that is down', unreachable, 'broker-unreachable'],
  ])('refused by %s', async (_, answer, code) => {
    const error = await errorOf(open(answer).join({}, signal));
    expect(error).toBeInstanceOf(CallError);
    expect(error).toMatchObject({ code });
  });

  it.each([
    ['no answer', silence],
    ['a body that never ends', endlessBody],
  ])('with %s is given up', async (_, answer) => {
    const error = errorOf(open(answer).join({}, signal));
    await clock.advance(JOIN_TIMEOUT_MS);
    expect(await error).toMatchObject({ code: 'broker-unreachable' });
    expect(clock.pending).toBe(0);
  });

  it('given up under way frees the seat it took all the same', async () => {
    const controller = new AbortController();
    const { promise, resolve } = Promise.withResolvers<Response>();
    const room = open(() => promise, json({}));
    const joining = errorOf(room.join({}, controller.signal));
    await settle();
    controller.abort();
    room.leave(false);
    expect(network.calls).toHaveLength(1);
    resolve(Response.json(JOINED));
    expect(await joining).toMatchObject({ name: 'AbortError' });
    expect(network.lastCall).toMatchObject({ method: 'POST', body: { mayReturn: false } });
    expect(network.lastCall.url.pathname).toBe('/rooms/studio/leave');
  });
});

describe('a token that is refused', () => {
  const unauthorized = refusal('unauthorized', 401);

  it.each([
    [unsignedToken({ iat: 100, exp: 200 }), 'token-expired'],
    [unsignedToken({ nbf: 5_000, exp: 6_000 }), 'token-early'],
    [unsignedToken({ room: 'kitchen' }), 'token-wrong-room'],
    ['no-token-at-all', 'token-malformed'],
    [TOKEN, 'token-refused'],
  ])('is told of with the reason that can be read in it', async (token, code) => {
    settings.token = token;
    expect(await errorOf(open(unauthorized).join({}, signal))).toMatchObject({ code });
  });

  it('is replaced once', async () => {
    settings.tokenUrl = 'https://site.example/call-token';
    const fresh = unsignedToken({ sub: 'fresh' });
    const room = open(unauthorized, json({ token: fresh }), json(JOINED));
    await room.join({}, signal);
    expect(network.calls.map(({ url }) => url.pathname)).toEqual([
      '/rooms/studio/join',
      '/call-token',
      '/rooms/studio/join',
    ]);
    expect(network.lastCall.bearer).toBe(fresh);
  });

  it('and whose replacement is refused too is the end of it', async () => {
    settings.tokenUrl = 'https://site.example/call-token';
    const expired = unsignedToken({ iat: 100, exp: 200 });
    const room = open(unauthorized, json({ token: expired }), unauthorized);
    expect(await errorOf(room.join({}, signal))).toMatchObject({ code: 'token-expired' });
    expect(network.calls).toHaveLength(3);
  });

  it('and whose replacement cannot be had is told of by that', async () => {
    settings.tokenUrl = 'https://site.example/call-token';
    const room = open(unauthorized, text('', 500));
    expect(await errorOf(room.join({}, signal))).toMatchObject({ code: 'token-url-failed' });
  });
});

describe('the socket', () => {
  it('goes where the seat is, whatever the tag says meanwhile', async () => {
    const room = await openJoined();
    settings.room = 'kitchen';
    expect(connect(room).url).toBe('wss://broker.example/rooms/studio/socket');
  });

  it('gets its tickets with the secret of the seat', async () => {
    const room = await openJoined(json({ ticket: 'second' }));
    const socket = connect(room);
    socket.accept();
    socket.end(1006);
    await clock.advance(1_000);
    expect(network.lastCall.url.pathname).toBe('/rooms/studio/ticket');
    expect(network.lastCall.bearer).toBe('secret');
    expect(sockets.at(-1)!.protocols).toContain('ticket.second');
  });

  it('of a seat that is gone says so', async () => {
    const room = await openJoined(refusal('unauthorized', 401));
    const events: SocketEvent[] = [];
    const socket = connect(room, events);
    socket.accept();
    socket.end(1006);
    await clock.advance(1_000);
    expect(events.at(-1)).toEqual({ type: 'closed', reason: 'unauthorized' });
  });

  it('that is closed for good leaves nothing to leave', async () => {
    const room = await openJoined();
    const socket = connect(room);
    socket.accept();
    socket.end(4409);
    room.leave(false);
    expect(network.calls).toHaveLength(1);
    await room.join({}, signal);
    expect(network.lastCall.body).not.toHaveProperty('resume');
  });

  it('of an earlier join is closed without a word when the seat is taken again', async () => {
    const room = await openJoined();
    const socket = connect(room);
    socket.accept();
    room.send({ type: 'tracks', sessionId: HANDLE, tracks: [liveTrack('camera')] });
    const said = socket.sent.length;
    await room.join({}, signal);
    expect(socket.closedWith).toBe(1000);
    expect(socket.sent).toHaveLength(said);
  });
});

describe('leaving', () => {
  it('is told over the socket where there is one', async () => {
    const room = await openJoined();
    const socket = connect(room);
    socket.accept();
    room.leave(false);
    expect(socket.messages.at(-1)).toEqual({ type: 'leave', mayReturn: false });
    expect(network.calls).toHaveLength(1);
  });

  it('is told by a call that outlives the page where there is none', async () => {
    const room = await openJoined(json({}));
    room.leave(false);
    expect(network.lastCall).toMatchObject({ method: 'POST', body: { mayReturn: false }, init: { keepalive: true } });
    expect(network.lastCall.bearer).toBe('secret');
  });

  it('by closing the page is told both ways', async () => {
    const room = await openJoined(json({}));
    const socket = connect(room);
    socket.accept();
    room.leave(true);
    expect(socket.messages.at(-1)).toEqual({ type: 'leave', mayReturn: true });
    expect(network.lastCall).toMatchObject({ body: { mayReturn: true }, init: { keepalive: true } });
  });

  it('without a seat is nothing', () => {
    open(json({})).leave(false);
    expect(network.calls).toEqual([]);
  });

  it('is over once, and fails in silence', async () => {
    const room = await openJoined(unreachable);
    room.leave(false);
    room.leave(false);
    await settle();
    expect(network.calls).toHaveLength(2);
  });
});

describe('the SFU', () => {
  it('is called through the room, with the secret of the seat', async () => {
    const failed = { mid: '', sessionId: HANDLE, trackName: 'camera', errorCode: 'x', errorDescription: '' };
    const pulled = { requiresImmediateRenegotiation: false, tracks: [failed] };
    const room = await openJoined(json({ sessionId: HANDLE }, 201), json(pulled), json({}));
    const { sfu } = room;
    expect(await sfu.newSession()).toEqual({ sessionId: HANDLE });
    expect(network.lastCall.url.pathname).toBe('/rooms/studio/sessions/new');
    expect(network.lastCall.body).toBeUndefined();
    await sfu.newTracks(HANDLE, { tracks: [{ location: 'remote', sessionId: HANDLE, trackName: 'camera' }] });
    expect(`${network.lastCall.method} ${network.lastCall.url.pathname}`).toBe(
      `POST /rooms/studio/sessions/${HANDLE}/tracks/new`,
    );
    await sfu.renegotiate(HANDLE, { sessionDescription: { type: 'answer', sdp: 'v=0\r\n' } });
    expect(`${network.lastCall.method} ${network.lastCall.url.pathname}`).toBe(
      `PUT /rooms/studio/sessions/${HANDLE}/renegotiate`,
    );
    expect(network.lastCall.bearer).toBe('secret');
  });

  it('is asked whether it knows a session together with the socket, which may be as dead', async () => {
    const room = await openJoined(json({ tracks: [], dataChannels: [] }));
    const events: SocketEvent[] = [];
    const socket = connect(room, events);
    socket.accept();
    await room.sfu.getSession(HANDLE);
    expect(socket.sent.at(-1)).toBe('ping');
    await clock.advance(WAKE_PONG_TIMEOUT_MS);
    expect(events.map(({ type }) => type)).toEqual(['open', 'lost']);
  });

  it.each([
    ['its own refusal', refusal('session_error', 410), 410, 'session_error'],
    ['no answer', unreachable, 0, 'no_answer'],
    ['an answer with holes', misshapen('the id is none', json({ sessionId: 7 }, 201)), 502, 'sfu_error'],
  ])('fails with %s', async (_, answer, status, errorCode) => {
    const room = await openJoined(answer);
    const error = await errorOf(room.sfu.newSession());
    expect(error).toBeInstanceOf(BrokerError);
    expect(error).toMatchObject({ status, errorCode });
  });
});

it('tells what the token says of itself', async () => {
  settings.token = unsignedToken({ name: 'Ann', role: 'listener' });
  expect(await open().readToken(signal)).toEqual({ name: 'Ann', publish: [] });
});
