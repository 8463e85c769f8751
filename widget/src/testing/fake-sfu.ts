import type {
  CloseTracksRequest,
  JoinMedia,
  NewTracksRequest,
  PrepareResponse,
  RemoteTrackRequest,
  RenegotiateRequest,
  SessionDescription,
  TrackResult,
  TracksResponse,
  UpdateTracksRequest,
} from '#protocol';
import { afterEach } from 'vitest';
import { BrokerError, type Clock, type PreparedMedia, type SfuApi } from '../call/ports.ts';
import { readFakeSdp, writeFakeSdp, type FakePeerConnection, type FakeSection } from './fake-peer-connection.ts';
import { failOnViolation, holdToApi } from './sfu-shapes.ts';

interface Session {
  id: string;
  peer: FakePeerConnection | undefined;
  sections: FakeSection[];
  /** An offer of the SFU's waits for its answer. */
  isAwaitingAnswer: boolean;
  isBusy: boolean;
  readonly published: Map<string, string>;
  /** What is sent, by mid: `sessionId/trackName`. */
  readonly sent: Map<string, string>;
}

export interface FakeCall {
  operation: keyof SfuApi;
  sessionId: string;
  /** `sessionId/trackName` of what is pulled, or the mid of what is closed. */
  items: string[];
  /** The layers asked for, in the order of the items; empty where none was named. */
  rids: string[];
}

const TRACKS_MAX = 64;
const LATENCY_MS = 20;

failOnViolation(afterEach);

/**
 * The SFU's signalling over {@link FakePeerConnection}s: its matrix of offers and answers, its refusals, no media. Every
 * request and every answer is held to the shapes of the API.
 */
export class FakeSfu implements SfuApi {
  readonly calls: FakeCall[] = [];
  /** Tracks that exist elsewhere and send. */
  readonly live = new Set<string>();
  /** Those of them that have layers. */
  readonly layered = new Set<string>();
  /** Item errors, by `sessionId/trackName`. */
  readonly failing = new Map<string, string>();
  /** Outcomes of the next calls; undefined lets one through, `lost` does the work and loses the answer. */
  readonly nextFailures: (BrokerError | 'lost' | undefined)[] = [];
  /** How long a call takes, milliseconds. */
  latency = () => LATENCY_MS;
  /** Calls that came while another was under way on their session; the real one refuses them. */
  overlaps = 0;
  offersItself = false;
  refusesRepoint = false;
  /** Tracks that go into no section that carried another, as with another codec: `sessionId/trackName`. */
  readonly misfits = new Set<string>();
  readonly #clock: Clock;
  readonly #peers: readonly FakePeerConnection[];
  readonly #sessions = new Map<string, Session>();

  constructor(clock: Clock, peers: readonly FakePeerConnection[]) {
    this.#clock = clock;
    this.#peers = peers;
    holdToApi(this);
  }

  getSession(sessionId: string): Promise<void> {
    return this.#look(sessionId);
  }

  newSession(): Promise<{ sessionId: string }> {
    return this.#call({ operation: 'newSession', sessionId: '', items: [], rids: [] }, () => {
      const id = crypto.randomUUID().replaceAll('-', '');
      const session = { id, peer: undefined, sections: [], isAwaitingAnswer: false, isBusy: false };
      this.#sessions.set(id, { ...session, published: new Map(), sent: new Map() });
      return { sessionId: id };
    });
  }

  newTracks(sessionId: string, { tracks, sessionDescription: offer }: NewTracksRequest): Promise<TracksResponse> {
    const remote = tracks.filter((track) => track.location === 'remote');
    const names = tracks.map((track) => (track.location === 'remote' ? keyOf(track) : track.trackName));
    return this.#call({ operation: 'newTracks', sessionId, items: names, rids: remote.map(ridOf) }, (session) => {
      if (tracks.length > TRACKS_MAX) throw new BrokerError(400, 'invalid_params', 'too many tracks');
      if (remote.length > 0) return pull(this, session, remote, offer, this.#peers);
      if (!offer) throw new BrokerError(400, 'decoding_error', 'sessionDescription');
      takeOffer(session, offer, this.#peers);
      const results = tracks.map(({ mid = '', trackName }): TrackResult => {
        session.published.set(trackName, mid);
        return { mid, trackName };
      });
      return respond(results, describe(session, 'answer'));
    });
  }

  renegotiate(sessionId: string, { sessionDescription }: RenegotiateRequest): Promise<void> {
    return this.#call({ operation: 'renegotiate', sessionId, items: [], rids: [] }, (session) => {
      if (!session.isAwaitingAnswer) throw new BrokerError(406, 'invalid_session_description', 'no offer');
      session.isAwaitingAnswer = false;
      bindPeer(session, sessionDescription, this.#peers);
      for (const [mid, key] of session.sent) session.peer?.receive(mid, key);
    });
  }

  updateTracks(sessionId: string, { tracks }: UpdateTracksRequest): Promise<TracksResponse> {
    const items = tracks.map(keyOf);
    return this.#call({ operation: 'updateTracks', sessionId, items, rids: tracks.map(ridOf) }, (session) => {
      assertConnected(session);
      return respond(
        tracks.map(({ mid, ...track }): TrackResult => {
          const isRepoint = session.sent.get(mid) !== keyOf(track);
          const isRefused =
            (isRepoint && (this.refusesRepoint || this.misfits.has(keyOf(track)))) ||
            !session.sent.has(mid) ||
            (track.simulcast !== undefined && !this.layered.has(keyOf(track)));
          const errorCode = isRefused ? 'update_track_error' : this.errorOf(track);
          if (errorCode !== undefined) return failedResult(track, errorCode, mid);
          send(session, mid, keyOf(track));
          return resultOf(track, mid);
        }),
      );
    });
  }

  closeTracks(sessionId: string, request: CloseTracksRequest): Promise<TracksResponse> {
    const { tracks, force, sessionDescription: offer } = request;
    const items = tracks.map(({ mid }) => mid);
    return this.#call({ operation: 'closeTracks', sessionId, items, rids: [] }, (session) => {
      assertConnected(session);
      for (const { mid } of tracks) {
        session.sent.delete(mid);
        session.peer?.receive(mid, undefined);
        for (const [name, published] of session.published) if (published === mid) session.published.delete(name);
      }
      if (force || !offer) return respond(tracks);
      takeOffer(session, offer, this.#peers);
      return respond(tracks, describe(session, 'answer'));
    });
  }

  /** What the broker does to make sessions ready: they are named by their ids. */
  async exchange(offers: readonly SessionDescription[]): Promise<PrepareResponse> {
    const sessions = offers.map(async (offer) => {
      const { sessionId } = await this.newSession();
      const session = this.#sessions.get(sessionId)!;
      takeOffer(session, offer, this.#peers);
      return { prepared: sessionId, sessionDescription: describe(session, 'answer') };
    });
    return { sessions: await Promise.all(sessions), iceServers: [] };
  }

  /** What the broker does with a join. */
  async join(
    { publish, receive }: PreparedMedia,
    keys: readonly string[],
  ): Promise<{ publish?: JoinMedia; receive?: JoinMedia; iceServers: [] }> {
    const open = async ({ prepared, ...request }: NewTracksRequest & { prepared?: string }): Promise<JoinMedia> => {
      const sessionId = prepared ?? (await this.newSession()).sessionId;
      return { sessionId, ...(request.tracks.length > 0 ? await this.newTracks(sessionId, request) : respond([])) };
    };
    const tracks = keys.map((key): RemoteTrackRequest => {
      const [sessionId = '', trackName = ''] = key.split('/');
      return { location: 'remote', sessionId, trackName };
    });
    const [published, received] = await Promise.all([
      publish && open(publish),
      tracks.length > 0 || receive.prepared !== undefined ? open({ ...receive, tracks }) : undefined,
    ]);
    return { ...(published && { publish: published }), ...(received && { receive: received }), iceServers: [] };
  }

  errorOf(track: RemoteTrackRequest): string | undefined {
    return this.failing.get(keyOf(track)) ?? (this.live.has(keyOf(track)) ? undefined : 'not_found_track_error');
  }

  /** The session is gone, as after 30 s without a connection. Its client is not told: checks are answered as ever. */
  kill(sessionId: string): void {
    const { peer } = this.#sessions.get(sessionId) ?? {};
    if (peer) peer.path = 'mute';
    this.#sessions.delete(sessionId);
  }

  /** The sessions that hold something, and how much. */
  held(): Map<string, number> {
    const sizes = [...this.#sessions.values()].map(
      ({ id, published, sent }) => [id, published.size + sent.size] as const,
    );
    return new Map(sizes.filter(([, size]) => size > 0));
  }

  /** The session at the other end of a connection. */
  sessionOf(peer: FakePeerConnection): string {
    return [...this.#sessions.values()].findLast((session) => session.peer === peer)?.id ?? '';
  }

  async #call<T>(call: FakeCall, run: (session: Session) => T): Promise<T> {
    const { operation, sessionId } = call;
    this.calls.push(call);
    const failure = this.nextFailures.shift();
    const session = this.#sessions.get(sessionId);
    if (sessionId === '') {
      await this.#wait();
      if (failure instanceof BrokerError) throw failure;
      return lose(failure, run(undefined as never));
    }
    if (session?.isBusy) {
      this.overlaps += 1;
      throw new BrokerError(406, 'invalid_session_description', 'operations overlap');
    }
    if (session?.isAwaitingAnswer && operation !== 'renegotiate')
      throw new BrokerError(406, 'invalid_session_description', 'an offer waits for its answer');
    if (session) session.isBusy = true;
    await this.#wait();
    if (session) session.isBusy = false;
    if (failure instanceof BrokerError) throw failure;
    if (!session || !this.#sessions.has(sessionId)) throw new BrokerError(410, 'session_error', 'the session is gone');
    return lose(failure, run(session));
  }

  /** No mutation: it waits for none and disturbs none. */
  async #look(sessionId: string): Promise<void> {
    this.calls.push({ operation: 'getSession', sessionId, items: [], rids: [] });
    await this.#wait();
    if (!this.#sessions.has(sessionId)) throw new BrokerError(410, 'session_error', 'the session is gone');
  }

  #wait(): Promise<void> {
    return new Promise((resolve) => void this.#clock.setTimeout(resolve, this.latency()));
  }
}

function lose<T>(failure: 'lost' | undefined, answer: T): T {
  if (failure) throw new BrokerError(0, 'no_answer', 'the answer was lost');
  return answer;
}

function keyOf({ sessionId, trackName }: RemoteTrackRequest): string {
  return `${sessionId}/${trackName}`;
}

function ridOf({ simulcast }: RemoteTrackRequest): string {
  return simulcast?.preferredRid ?? '';
}

function resultOf({ sessionId, trackName }: RemoteTrackRequest, mid: string): TrackResult {
  return { mid, sessionId, trackName };
}

function failedResult(track: RemoteTrackRequest, errorCode = 'internal_error', mid = ''): TrackResult {
  return { ...resultOf(track, mid), errorCode, errorDescription: 'refused' };
}

function pull(
  sfu: FakeSfu,
  session: Session,
  tracks: readonly RemoteTrackRequest[],
  offer: SessionDescription | undefined,
  peers: readonly FakePeerConnection[],
): TracksResponse {
  if (session.sections.length > 0) assertConnected(session);
  const errors = tracks.map((track) => sfu.errorOf(track));
  if (errors.every((error) => error !== undefined))
    return respond(tracks.map((track, index) => failedResult(track, errors[index])));

  const answers = offer !== undefined && !sfu.offersItself;
  if (answers) takeOffer(session, offer, peers);
  const results = tracks.map((track, index): TrackResult => {
    if (errors[index] !== undefined) return failedResult(track, errors[index]);
    const kind = /^(camera|screen(?!-audio))/.test(track.trackName) ? 'video' : 'audio';
    const vacant = session.sections.find(
      (section) => section.kind === kind && section.direction === 'recvonly' && !session.sent.has(section.mid),
    );
    if (!vacant && answers) return failedResult(track);
    const section: FakeSection = vacant ?? { kind, mid: String(session.sections.length), direction: 'recvonly' };
    if (!vacant) session.sections.push(section);
    if (answers) send(session, section.mid, keyOf(track));
    else session.sent.set(section.mid, keyOf(track));
    return resultOf(track, section.mid);
  });
  if (!answers) session.isAwaitingAnswer = true;
  return respond(results, describe(session, answers ? 'answer' : 'offer'));
}

function takeOffer(session: Session, offer: SessionDescription, peers: readonly FakePeerConnection[]): void {
  const { sections } = readFakeSdp(offer.sdp);
  if (sections.length < session.sections.length)
    throw new BrokerError(406, 'invalid_session_description', 'the offer lacks sections of the last one');
  session.sections = sections;
  bindPeer(session, offer, peers);
}

function bindPeer(session: Session, { sdp }: SessionDescription, peers: readonly FakePeerConnection[]): void {
  const { peerId } = readFakeSdp(sdp);
  session.peer = peers.find(({ id }) => id === peerId);
}

function assertConnected({ peer }: Session): void {
  if (peer?.connectionState !== 'connected') throw new BrokerError(425, 'session_error', 'not connected yet');
}

function send({ peer, sent }: Session, mid: string, key: string): void {
  sent.set(mid, key);
  peer?.receive(mid, key);
}

/** From the SFU's side: a section the client receives in is one it sends in. */
function describe({ sections, sent }: Session, type: 'offer' | 'answer'): SessionDescription {
  const mirrored = sections.map((section): FakeSection => {
    if (section.direction === 'sendonly') return { ...section, direction: 'recvonly' };
    if (section.direction === 'recvonly')
      return { ...section, direction: sent.has(section.mid) ? 'sendonly' : 'inactive' };
    return section;
  });
  return { type, sdp: writeFakeSdp({ peerId: 'sfu', sections: mirrored }) };
}

function respond(tracks: TrackResult[], sessionDescription?: SessionDescription): TracksResponse {
  const requiresImmediateRenegotiation = sessionDescription?.type === 'offer';
  return { requiresImmediateRenegotiation, tracks, ...(sessionDescription && { sessionDescription }) };
}
