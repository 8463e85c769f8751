import type {
  ClientMessage,
  CloseTracksRequest,
  JoinRequest,
  JoinResponse,
  JoinMedia,
  LiveTrack,
  NewTracksRequest,
  PrepareResponse,
  PublishGrant,
  RenegotiateRequest,
  ServerMessage,
  SessionDescription,
  Source,
  IceServer,
  TracksResponse,
  UpdateTracksRequest,
} from '#protocol';
import type { CallErrorCode } from './errors.ts';
import type { MediaStats } from './media-stats.ts';
import type { HostRequest } from './request.ts';
import type { CaptureSource, Connection, Device, DeviceKind, RemoteTrackState } from './state.ts';

export type Unsubscribe = () => void;

/** The time and chance of a call, so that tests hold both. Milliseconds. */
export interface Clock {
  now(): number;
  setTimeout(run: () => void, delay: number): Unsubscribe;
}

/** The broker. Every method rejects with a CallError, and with nothing else but the reason of a signal that was aborted. */
export interface RoomPort {
  /** What the current token says of itself, unverified: to prepare by, never to decide by. Asks for a token where none is held. */
  readToken(signal: AbortSignal): Promise<TokenHint>;
  /** Has sessions connected, one for each offer, before there is a seat. Uses the current token. */
  prepare(offers: SessionDescription[], signal: AbortSignal): Promise<PrepareResponse>;
  /** Uses the current token; asks for a new one once where it is refused. */
  join(request: Omit<JoinRequest, 'protocol' | 'resume'>, signal: AbortSignal): Promise<JoinResponse>;
  /** Opens the socket and keeps it open: reconnects with jitter until `leave` or a terminal close code. */
  connect(joined: JoinResponse, listener: (event: SocketEvent) => void): void;
  /**
   * `tracks` is sent as soon as the socket is open, and the last one again after each reconnect. What a host asks for is
   * sent now or not at all: nothing is to happen long after it was asked for. So are `layers`.
   */
  send(message: Extract<ClientMessage, { type: 'tracks' | 'layers' }> | HostRequest): void;
  /** Ask for the whole roster: a revision is missing. */
  resync(epoch: string, rev: number): void;
  /** Survives the page: sent with keepalive. Closes the socket. */
  leave(mayReturn: boolean): void;
  readonly sfu: SfuApi;
}

export interface TokenHint {
  /** The name the token gives, which cannot be changed here. */
  name?: string;
  /** Undefined where the token cannot be read. */
  publish?: readonly PublishGrant[];
}

export type SocketEvent =
  | { type: 'open' }
  | { type: 'lost' }
  | { type: 'message'; message: ServerMessage }
  /** Will not come back. */
  | { type: 'closed'; reason: 'removed' | 'replaced' | 'ended' | 'client-too-old' | 'unauthorized' };

/**
 * The SFU's API as the broker offers it. Rejects with {@link BrokerError}; a result may still hold failed tracks.
 */
export interface SfuApi {
  /** Does the SFU know the session? 410 where it has ended. */
  getSession(sessionId: string): Promise<void>;
  newSession(): Promise<{ sessionId: string }>;
  newTracks(sessionId: string, request: NewTracksRequest): Promise<TracksResponse>;
  renegotiate(sessionId: string, request: RenegotiateRequest): Promise<void>;
  updateTracks(sessionId: string, request: UpdateTracksRequest): Promise<TracksResponse>;
  closeTracks(sessionId: string, request: CloseTracksRequest): Promise<TracksResponse>;
}

/** A call to the broker, for itself or for the SFU behind it, that came to nothing. `status` is 0 where no answer came. */
export class BrokerError extends Error {
  readonly status: number;
  readonly errorCode: string;

  constructor(status: number, errorCode: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'BrokerError';
    this.status = status;
    this.errorCode = errorCode;
  }
}

/** WebRTC: one publishing and one receiving connection. */
export interface SfuPort {
  /**
   * Makes the connections and connects them with nothing in them, for a `prepare` with the same sources. `exchange` takes
   * their offers to the broker.
   */
  connect(sources: readonly Source[], exchange: ExchangeOffers): Promise<void>;
  /** What was connected, or prepared, is of no more use. */
  readonly isStale: boolean;
  /**
   * Makes the offers of both connections, and the connections where {@link SfuPort.connect} has made none. `sources`: what
   * the publishing offer has sections for, microphone and camera where absent; empty means a listener, whose `publish` is
   * absent.
   */
  prepare(sources?: readonly Source[]): Promise<PreparedMedia>;
  /** Applies what the broker answered to the prepared offers. Resolves when the descriptions are set. */
  accept(
    media: { publish?: JoinMedia; receive?: JoinMedia; iceServers: readonly IceServer[] },
    api: SfuApi,
  ): Promise<void>;
  /** The complete set of remote tracks to receive, most wanted first; the engine works towards it. */
  want(tracks: readonly WantedTrack[]): void;
  /**
   * The best layer of my camera that anybody watches: better ones are not sent, the smallest always is. Empty: nobody
   * watches. Undefined, as at the beginning: all are sent.
   */
  demand(rid: string | undefined): void;
  /** The network is back: what waits to try again does so now. */
  wake(): void;
  /** Stops everything: connections, timers, pulls. The port can be prepared again. */
  close(): void;
  subscribe(listener: (event: SfuEvent) => void): Unsubscribe;
}

export type PreparedMedia = Pick<JoinRequest, 'publish'> & Required<Pick<JoinRequest, 'receive'>>;

export type ExchangeOffers = (offers: SessionDescription[]) => Promise<PrepareResponse>;

export interface WantedTrack extends LiveTrack {
  participantId: string;
  sessionId: string;
  /** The layer to receive; absent: the smallest there is. */
  rid?: string;
}

export type SfuEvent =
  /** My tracks whose packets flow: what may be announced, complete. */
  | { type: 'flowing'; sessionId: string; tracks: LiveTrack[] }
  | { type: 'track'; key: string; state: RemoteTrackState | undefined }
  | { type: 'connection'; state: Connection }
  /** Participants heard now, loudest first; `self` stands for me. */
  | { type: 'speakers'; speakers: string[] }
  /** I began to speak while muted, or it is over: I am heard, or have been quiet for a while. */
  | { type: 'muted-speech'; isHeard: boolean }
  /** Every two seconds. */
  | { type: 'stats'; stats: MediaStats }
  /** A connection cannot be mended by the engine itself. */
  | { type: 'failed'; error: CallErrorCode };

/** Camera, microphone, screen. */
export interface DevicesPort {
  /**
   * Starts capturing. Rejects with a CallError of a `device-…` code; undefined where the person closed the screen picker.
   * A second start of a source replaces its device.
   */
  start(source: CaptureSource, deviceId?: string): Promise<Device | undefined>;
  /** Releases the device: its light goes out. */
  stop(source: CaptureSource): void;
  /** Silences the microphone and keeps it open. */
  setMuted(muted: boolean): void;
  list(): Promise<Readonly<Record<DeviceKind, readonly Device[]>>>;
  /** Remembered choice, if any. */
  preferred(kind: DeviceKind): string;
  remember(kind: DeviceKind, device: Device): void;
  subscribe(listener: (event: DevicesEvent) => void): Unsubscribe;
}

export type DevicesEvent =
  /** Unplugged, taken away, or sharing was stopped from the browser's own bar. */
  { type: 'ended'; source: CaptureSource } | { type: 'list-changed' };
