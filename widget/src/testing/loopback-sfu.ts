import type {
  CloseTracksRequest,
  JoinMedia,
  NewTracksRequest,
  PrepareResponse,
  RemoteTrackRequest,
  SessionDescription,
  TrackResult,
  TracksResponse,
  UpdateTracksRequest,
} from '#protocol';
import { BrokerError, type PreparedMedia, type SfuApi } from '../call/ports.ts';
import { failOnViolation, holdToApi } from './sfu-shapes.ts';

interface LoopbackSession {
  peer: RTCPeerConnection;
  published: Map<string, RTCRtpTransceiver>;
  /** The sections this session sends in, by what they carry: `sessionId/trackName`, or empty. */
  sent: Map<RTCRtpTransceiver, string>;
}

/** What a test wants the SFU to do differently. */
export interface LoopbackFaults {
  /** Answers no offer that pulls, and makes its own instead. */
  offersItself: boolean;
  refusesRepoint: boolean;
  /** So many milliseconds after it was said to, a section carries its new track; until then the previous one. */
  repointsLateBy: number;
  /** Called before each operation; what it throws is the operation's outcome. */
  before: (operation: string, sessionId: string) => void;
}

failOnViolation(afterEach);

/**
 * An SFU made of the page's own peer connections: real ICE, DTLS and codecs, no server. It re-encodes, so it proves the
 * client's negotiation and nothing about forwarding. Like the real one it refuses overlapping mutations and sessions it does not
 * know. Every request and every answer is held to the shapes of the API.
 */
export class LoopbackSfu implements SfuApi {
  readonly faults: LoopbackFaults = {
    offersItself: false,
    refusesRepoint: false,
    repointsLateBy: 0,
    before: () => undefined,
  };
  readonly #audio = new AudioContext();
  readonly #relayed = new Map<MediaStreamTrack, MediaStreamTrack>();
  /** Every operation, in order. */
  readonly calls: { operation: string; sessionId: string }[] = [];
  readonly #sessions = new Map<string, LoopbackSession>();
  readonly #busy = new Set<string>();

  constructor() {
    holdToApi(this);
  }

  async getSession(sessionId: string): Promise<void> {
    this.#find(sessionId);
  }

  newSession(): Promise<{ sessionId: string }> {
    return this.#exclusive('newSession', '', async () => {
      const sessionId = crypto.randomUUID().replaceAll('-', '');
      const peer = new RTCPeerConnection({ bundlePolicy: 'max-bundle' });
      this.#sessions.set(sessionId, { peer, published: new Map(), sent: new Map() });
      return { sessionId };
    });
  }

  newTracks(sessionId: string, { sessionDescription, tracks }: NewTracksRequest): Promise<TracksResponse> {
    return this.#exclusive('newTracks', sessionId, async () => {
      const session = this.#find(sessionId);
      const remote = tracks.filter((track) => track.location === 'remote');
      if (remote.length > 0) return this.#pull(session, remote, sessionDescription);
      if (!sessionDescription) throw new BrokerError(400, 'decoding_error', 'sessionDescription');
      await session.peer.setRemoteDescription(sessionDescription);
      const results = tracks.map(({ mid = '', trackName }): TrackResult => {
        const transceiver = session.peer.getTransceivers().find((candidate) => candidate.mid === mid);
        if (!transceiver) return { mid: '', trackName, ...failure('internal_error') };
        session.published.set(trackName, transceiver);
        return { mid, trackName };
      });
      return respond(results, await describe(session.peer));
    });
  }

  renegotiate(sessionId: string, { sessionDescription }: { sessionDescription: SessionDescription }): Promise<void> {
    return this.#exclusive('renegotiate', sessionId, () =>
      this.#find(sessionId).peer.setRemoteDescription(sessionDescription),
    );
  }

  updateTracks(sessionId: string, { tracks }: UpdateTracksRequest): Promise<TracksResponse> {
    return this.#exclusive('updateTracks', sessionId, async () => {
      const { sent } = this.#find(sessionId);
      const results = await Promise.all(
        tracks.map(async (track): Promise<TrackResult> => {
          const { mid, trackName, sessionId: publisher } = track;
          const named = { mid, trackName, sessionId: publisher };
          const section = [...sent.keys()].find((candidate) => candidate.mid === mid);
          const source = await this.#findFlowing(track);
          if (!section || this.faults.refusesRepoint) return { ...named, ...failure('update_track_error') };
          if (!source) return { ...named, ...failure('not_found_track_error') };
          sent.set(section, `${publisher}/${trackName}`);
          if (this.faults.repointsLateBy === 0) await section.sender.replaceTrack(source);
          else setTimeout(() => void section.sender.replaceTrack(source), this.faults.repointsLateBy);
          return named;
        }),
      );
      return respond(results);
    });
  }

  closeTracks(sessionId: string, { tracks, force, sessionDescription }: CloseTracksRequest): Promise<TracksResponse> {
    return this.#exclusive('closeTracks', sessionId, async () => {
      const { peer, published, sent } = this.#find(sessionId);
      for (const { mid } of tracks) {
        for (const [name, transceiver] of published) if (transceiver.mid === mid) published.delete(name);
        for (const section of sent.keys()) {
          if (section.mid !== mid) continue;
          await section.sender.replaceTrack(null);
          sent.set(section, '');
        }
      }
      if (force || !sessionDescription) return respond(tracks);
      await peer.setRemoteDescription(sessionDescription);
      return respond(tracks, await describe(peer));
    });
  }

  /** What the broker does to make sessions ready: they are named by their ids. */
  async exchange(offers: readonly SessionDescription[]): Promise<PrepareResponse> {
    const sessions = offers.map(async (offer) => {
      const { sessionId } = await this.newSession();
      const { peer } = this.#find(sessionId);
      await peer.setRemoteDescription(offer);
      return { prepared: sessionId, sessionDescription: await describe(peer) };
    });
    return { sessions: await Promise.all(sessions), iceServers: [] };
  }

  /** What the broker does with a join: publishes what was prepared, and pulls these tracks into the prepared offer. */
  async join(
    { publish, receive }: PreparedMedia,
    tracks: readonly RemoteTrackRequest[],
  ): Promise<{ publish?: JoinMedia; receive?: JoinMedia; iceServers: [] }> {
    const open = async ({ prepared, ...request }: NewTracksRequest & { prepared?: string }): Promise<JoinMedia> => {
      const sessionId = prepared ?? (await this.newSession()).sessionId;
      return { sessionId, ...(request.tracks.length > 0 ? await this.newTracks(sessionId, request) : respond([])) };
    };
    const [published, received] = await Promise.all([
      publish && open(publish),
      tracks.length > 0 || receive.prepared !== undefined ? open({ ...receive, tracks: [...tracks] }) : undefined,
    ]);
    return { ...(published && { publish: published }), ...(received && { receive: received }), iceServers: [] };
  }

  /** What a session sends now, as `sessionId/trackName`. */
  sent(sessionId: string): string[] {
    return [...(this.#sessions.get(sessionId)?.sent.values() ?? [])].filter((key) => key !== '');
  }

  /** Ends a session as a restart of the SFU would: its packets stop, and it is not known any more. */
  kill(sessionId: string): void {
    this.#sessions.get(sessionId)?.peer.close();
    this.#sessions.delete(sessionId);
  }

  close(): void {
    for (const { peer } of this.#sessions.values()) peer.close();
    this.#sessions.clear();
    void this.#audio.close();
  }

  async #pull(
    session: LoopbackSession,
    tracks: readonly RemoteTrackRequest[],
    offer: SessionDescription | undefined,
  ): Promise<TracksResponse> {
    const sources = await Promise.all(tracks.map((track) => this.#findFlowing(track)));
    const failed = (track: RemoteTrackRequest): TrackResult => ({
      mid: '',
      trackName: track.trackName,
      sessionId: track.sessionId,
      ...failure('not_found_track_error'),
    });
    if (sources.every((source) => !source)) return respond(tracks.map(failed));

    const answers = offer && !this.faults.offersItself;
    if (answers) await session.peer.setRemoteDescription(offer);
    const sections = await Promise.all(tracks.map((track, index) => this.#send(session, track, sources[index])));
    const sessionDescription = await describe(session.peer);
    const results = tracks.map((track, index): TrackResult => {
      const mid = sections[index]?.mid;
      return mid ? { mid, trackName: track.trackName, sessionId: track.sessionId } : failed(track);
    });
    return respond(results, sessionDescription);
  }

  /** Puts the track into a section that waits for one, or into a new one. */
  async #send(
    { peer, sent }: LoopbackSession,
    { sessionId, trackName }: RemoteTrackRequest,
    source: MediaStreamTrack | undefined,
  ): Promise<RTCRtpTransceiver | undefined> {
    if (!source) return undefined;
    const vacant = peer
      .getTransceivers()
      .find((section) => section.receiver.track.kind === source.kind && (sent.get(section) ?? '') === '');
    const section = vacant ?? peer.addTransceiver(source.kind, { direction: 'sendonly' });
    sent.set(section, `${sessionId}/${trackName}`);
    section.direction = 'sendonly';
    await section.sender.replaceTrack(source);
    return section;
  }

  async #findFlowing({ sessionId, trackName }: RemoteTrackRequest): Promise<MediaStreamTrack | undefined> {
    const receiver = this.#sessions.get(sessionId)?.published.get(trackName)?.receiver;
    let packets = 0;
    const report = await receiver?.getStats();
    report?.forEach((stats: RTCInboundRtpStreamStats) => {
      if (stats.type === 'inbound-rtp') packets += stats.packetsReceived ?? 0;
    });
    return receiver && packets > 0 ? this.#relay(receiver.track) : undefined;
  }

  /** Chromium sends a received picture on, but not a received sound: that goes through an audio graph. */
  #relay(track: MediaStreamTrack): MediaStreamTrack {
    if (track.kind === 'video') return track;
    const known = this.#relayed.get(track);
    if (known) return known;
    const stream = new MediaStream([track]);
    // Without an element that plays it, nothing comes out of a received track.
    Object.assign(new Audio(), { muted: true, srcObject: stream });
    const destination = this.#audio.createMediaStreamDestination();
    this.#audio.createMediaStreamSource(stream).connect(destination);
    const [relayed = track] = destination.stream.getAudioTracks();
    this.#relayed.set(track, relayed);
    return relayed;
  }

  #find(sessionId: string): LoopbackSession {
    const session = this.#sessions.get(sessionId);
    if (!session) throw new BrokerError(410, 'session_error', 'Session appears to be disconnected.');
    return session;
  }

  async #exclusive<T>(operation: string, sessionId: string, run: () => Promise<T>): Promise<T> {
    this.calls.push({ operation, sessionId });
    this.faults.before(operation, sessionId);
    if (sessionId === '') return run();
    if (this.#busy.has(sessionId)) throw new BrokerError(406, 'invalid_session_description', 'operations overlap');
    this.#busy.add(sessionId);
    try {
      return await run();
    } finally {
      this.#busy.delete(sessionId);
    }
  }
}

function failure(errorCode: string): { errorCode: string; errorDescription: string } {
  return { errorCode, errorDescription: 'refused' };
}

function respond(tracks: TrackResult[], sessionDescription?: SessionDescription): TracksResponse {
  const requiresImmediateRenegotiation = sessionDescription?.type === 'offer';
  return { requiresImmediateRenegotiation, tracks, ...(sessionDescription && { sessionDescription }) };
}

/** With candidates in it: the client sends none, and is met when it comes. */
async function describe(peer: RTCPeerConnection): Promise<SessionDescription> {
  await peer.setLocalDescription();
  if (peer.iceGatheringState !== 'complete')
    await new Promise<void>((resolve) =>
      peer.addEventListener('icegatheringstatechange', () => {
        if (peer.iceGatheringState === 'complete') resolve();
      }),
    );
  const { type, sdp } = peer.localDescription ?? { type: 'rollback', sdp: '' };
  if (type !== 'offer' && type !== 'answer') throw new Error('no description');
  return { type, sdp };
}
