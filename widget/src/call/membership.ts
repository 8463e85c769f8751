import {
  parseDisplayName,
  compact,
  type Grants,
  type JoinMedia,
  type JoinResponse,
  type LiveTrack,
  type PublishGrant,
  type ServerMessage,
  type Source,
} from '#protocol';
import { CallError, type CallErrorCode } from './errors.ts';
import { explain, mediaError, publishError } from './explain.ts';
import { planTracks } from './plan.ts';
import { Preparation } from './preparation.ts';
import type { Clock, PreparedMedia, RoomPort, SfuEvent, SfuPort, SocketEvent, Unsubscribe } from './ports.ts';
import { Reception } from './reception.ts';
import { LayerDemand } from './layer-demand.ts';
import { isBusy } from './reduce.ts';
import type { HostRequest } from './request.ts';
import { isRosterMessage, updateRoster, type RosterMessage } from './roster.ts';
import { covers, inCall } from './select.ts';
import type { CallStore } from './store.ts';
import type { LeftReason } from './state.ts';
import { SOURCES_AT_JOIN, TokenSources } from './token-sources.ts';

/** Media that has not come through for so long while signalling works will not come at all. */
export const MEDIA_DEADLINE_MS = 15_000;
/** A call that breaks again so soon after it was rebuilt by itself is given up. */
export const REJOIN_WINDOW_MS = 30_000;
/** How long a call waits for a network that is gone, and how often it looks. */
export const NETWORK_PATIENCE_MS = 60_000;
export const NETWORK_RETRY_MS = 2_000;

export interface MembershipOptions {
  room: RoomPort;
  sfu: SfuPort;
  store: CallStore;
  clock: Clock;
  /** The broker has told what I may do. */
  granted(grants: Grants): void;
  /** A moderator wants silence. */
  muted(source: Source): void;
  /** It is over, however it ended: nothing may stay captured. */
  ended(): void;
}

/** Being in the room: joins, stays and goes. The one owner of the seat and of both media connections. */
export class Membership {
  readonly reception: Reception;
  mayPrewarm = true;
  readonly #demand = new LayerDemand();
  readonly #options: MembershipOptions;
  readonly #unsubscribe: Unsubscribe;
  /** The attempt whose answers still count. */
  #attempt = new AbortController();
  readonly #preparation: Preparation;
  readonly #token: TokenSources;
  #accepted = false;
  #flowing: { sessionId: string; tracks: LiveTrack[] } | undefined;
  #resyncing = false;
  #cancelDeadline: Unsubscribe = () => {};
  #rejoinedAt = -Infinity;

  constructor(options: MembershipOptions) {
    this.#options = options;
    this.#preparation = new Preparation(options.sfu, options.clock);
    this.#token = new TokenSources(options.room, options.store);
    this.reception = new Reception(
      options.clock,
      (tracks) => options.sfu.want(tracks),
      (layers) => options.room.send({ type: 'layers', layers }),
    );
    this.#unsubscribe = options.sfu.subscribe((event) => this.#hearSfu(event));
  }

  /** Makes ready what a join would wait for: token and connections. Publishes nothing, and fails in silence. */
  prewarm(): void {
    if (!this.mayPrewarm || isBusy(this.#options.store.state.call) || this.#preparation.isBegun) return;
    const { signal } = this.#attempt;
    this.#preparation.warm(this.#token.read(signal), (offers) => this.#options.room.prepare(offers, signal));
  }

  /** Forgets what was made ready: the tag has changed. */
  cool(): void {
    if (isBusy(this.#options.store.state.call)) return;
    this.#renewAttempt();
    this.#preparation.discard();
  }

  join(): void {
    const { store } = this.#options;
    // Media was given up, and the room was not: in again, in the same seat.
    if (inCall(store.state)?.media === 'failed') return this.#rejoin();
    if (isBusy(store.state.call)) return;
    store.dispatch({ type: 'joining' });
    void this.#enter();
  }

  /** Goes, or gives up a join under way. With `mayReturn` the seat is kept for the time a reload takes. */
  leave(reason: LeftReason, mayReturn = false): void {
    if (!isBusy(this.#options.store.state.call)) return;
    this.#end(mayReturn);
    this.#options.store.dispatch({ type: 'left', reason });
  }

  /** What comes of it is told by the room, to everybody. */
  ask(request: HostRequest): void {
    if (inCall(this.#options.store.state)) this.#options.room.send(request);
  }

  close(): void {
    this.leave('you-left');
    this.#attempt.abort();
    this.#preparation.discard();
    this.#options.sfu.close();
    this.#unsubscribe();
  }

  /** Where nobody answers, tries again until `patientUntil`. */
  async #enter(patientUntil = -Infinity): Promise<void> {
    const { clock } = this.#options;
    const { signal } = this.#attempt;
    try {
      await this.#takeSeat(signal);
    } catch (cause) {
      if (signal.aborted) return;
      const error = explain(cause);
      const mayWait = error.code === 'broker-unreachable' && clock.now() < patientUntil;
      if (mayWait) this.#cancelDeadline = clock.setTimeout(() => void this.#enter(patientUntil), NETWORK_RETRY_MS);
      else this.#fail(error);
    }
  }

  async #takeSeat(signal: AbortSignal, granted = this.#granted): Promise<void> {
    const { room, sfu, store } = this.#options;
    const { publish, receive } = await this.#prepare(signal, granted);
    if (signal.aborted) return;
    const name = parseDisplayName(store.state.local.name);
    const joined = await room.join(compact({ name, publish, receive }), signal);
    if (signal.aborted) return;
    if (joined.waiting) return this.#wait(joined, signal);
    if (receive.prepared !== undefined && [joined.publish, joined.receive].some(isLost)) {
      this.#preparation.discard();
      return this.#takeSeat(signal, granted);
    }
    const refused = publishError(joined.publish) ?? (joined.grants.subscribe ? mediaError(joined.receive) : undefined);
    // A host may have taken away what the token grants, before this page was loaded.
    const isLess = this.#preparation.sources?.some((source) => !covers(joined.grants.publish, source));
    if (refused?.code === 'not-allowed' && isLess && !granted) return this.#takeSeat(signal, joined.grants.publish);
    if (refused) throw refused;
    store.dispatch({ type: 'joined', joined });
    this.#options.granted(joined.grants);
    // From here on messages find a roster to be applied to.
    this.#connect(joined, signal);
    await sfu.accept(mediaOf(joined), room.sfu);
    if (signal.aborted) return;
    this.#accepted = true;
    this.#want();
    this.#awaitMedia(joined);
  }

  /** Keeps nothing made ready: it may be long. */
  #wait(joined: JoinResponse, signal: AbortSignal): void {
    this.#preparation.discard();
    this.#options.muted('screen');
    this.#options.store.dispatch({ type: 'waiting' });
    this.#connect(joined, signal);
  }

  #connect(joined: JoinResponse, signal: AbortSignal): void {
    this.#options.room.connect(joined, (event) => signal.aborted || this.#hearRoom(event));
  }

  /** What I may publish, as far as the room has told. */
  get #granted(): readonly PublishGrant[] | undefined {
    return inCall(this.#options.store.state)?.grants.publish;
  }

  /** Overlaps the token with the making of the connections; a token that allows less has them made anew. */
  async #prepare(signal: AbortSignal, known?: readonly PublishGrant[]): Promise<PreparedMedia> {
    if (!this.#preparation.isBegun) void this.#preparation.prepare(SOURCES_AT_JOIN);
    return this.#preparation.prepare(await this.#token.read(signal, known));
  }

  #rejoinOnce(error: CallErrorCode): void {
    const { clock } = this.#options;
    if (clock.now() - this.#rejoinedAt < REJOIN_WINDOW_MS) return this.#fail(new CallError(error));
    this.#rejoinedAt = clock.now();
    this.#rejoin();
  }

  #rejoin(): void {
    const { store } = this.#options;
    store.dispatch({ type: 'signalling', connection: 'reconnecting' });
    store.dispatch({ type: 'media', connection: 'reconnecting' });
    this.#enterAgain();
  }

  /** The whole way in again, in the same seat and without leaving the call or the waiting room. */
  #enterAgain(): void {
    const { clock, sfu } = this.#options;
    this.#renewAttempt();
    this.#reset();
    sfu.close();
    void this.#enter(clock.now() + NETWORK_PATIENCE_MS);
  }

  #fail(error: CallError): void {
    this.#end(false);
    this.#options.store.dispatch({ type: 'failed', error: error.code, detail: error.message });
  }

  #end(mayReturn: boolean): void {
    const { room, sfu } = this.#options;
    this.#renewAttempt();
    this.#reset();
    room.leave(mayReturn);
    sfu.close();
    this.#options.ended();
  }

  #renewAttempt(): void {
    this.#attempt.abort();
    this.#attempt = new AbortController();
  }

  #reset(): void {
    this.#cancelDeadline();
    this.reception.stop();
    this.#preparation.forget();
    this.#accepted = false;
    this.#flowing = undefined;
    this.#resyncing = false;
  }

  #awaitMedia({ publish, receive }: JoinResponse): void {
    const { clock, store } = this.#options;
    this.#cancelDeadline();
    // Alone in the room and only listening: there is nothing to connect yet, so nothing is missing.
    if (!publish && (!receive || 'errorCode' in receive)) store.dispatch({ type: 'media', connection: 'connected' });
    else this.#cancelDeadline = clock.setTimeout(() => this.#checkMedia(), MEDIA_DEADLINE_MS);
  }

  #checkMedia(): void {
    const call = inCall(this.#options.store.state);
    if (call?.media !== 'connecting') return;
    this.#fail(new CallError(call.signalling === 'connected' ? 'media-unreachable' : 'broker-unreachable'));
  }

  #want(): void {
    const call = inCall(this.#options.store.state);
    if (!call || !this.#accepted) return;
    this.reception.offer(call.grants.subscribe ? planTracks(call.participants, call.selfId) : []);
    this.#limitLayers();
  }

  /** My camera is sent in no layer that nobody watches. */
  #limitLayers(): void {
    const call = inCall(this.#options.store.state);
    const others = call?.participants.filter(({ id }) => id !== call.selfId).map(({ id }) => id);
    if (others) this.#options.sfu.demand(this.#demand.best(others));
  }

  #hearRoom(event: SocketEvent): void {
    const { store } = this.#options;
    switch (event.type) {
      case 'open':
        this.#resyncing = false;
        // What brought the socket back is there for media too.
        if (inCall(store.state)?.signalling === 'reconnecting') this.#options.sfu.wake();
        this.#demand.forget();
        this.#limitLayers();
        this.reception.tellAgain();
        return store.dispatch({ type: 'signalling', connection: 'connected' });
      case 'lost':
        return store.dispatch({ type: 'signalling', connection: 'reconnecting' });
      case 'message':
        return this.#hear(event.message);
      case 'closed':
        // The seat is gone, for nothing was heard of it in time. Whether the token is still good, the next join tells.
        if (event.reason === 'unauthorized') this.#rejoinOnce('broker-unreachable');
        else if (event.reason === 'client-too-old') this.#fail(new CallError('client-too-old'));
        else this.leave(event.reason === 'removed' && store.state.call.phase === 'waiting' ? 'refused' : event.reason);
    }
  }

  #hear(message: ServerMessage): void {
    const { store, muted } = this.#options;
    switch (message.type) {
      case 'mute':
        return muted(message.source);
      case 'admitted':
        return store.state.call.phase === 'waiting' ? this.#enterAgain() : undefined;
      case 'knocks':
        return store.dispatch({ type: 'knocks', knocks: message.waiting });
      case 'layers':
        this.#demand.hear(message.from, message.rid);
        return this.#limitLayers();
      case 'granted':
        return this.#hearGrants(message.grants);
      default:
        if (isRosterMessage(message)) this.#hearRoster(message);
    }
  }

  /** What was taken away has ended at the SFU, and what is new has to be negotiated. */
  #hearGrants(grants: Grants): void {
    const { store, granted } = this.#options;
    const before = this.#granted;
    store.dispatch({ type: 'granted', grants });
    granted(grants);
    if (!before) return;
    const isMore = SOURCES_AT_JOIN.some((source) => covers(grants.publish, source) && !covers(before, source));
    if (isMore) return this.#enterAgain();
    this.#announce();
    this.#want();
  }

  /** A track that is not granted any more would have all of them refused. */
  #announce(): void {
    const { room } = this.#options;
    const granted = this.#granted;
    if (!granted || !this.#flowing) return;
    const { sessionId, tracks } = this.#flowing;
    room.send({ type: 'tracks', sessionId, tracks: tracks.filter(({ source }) => covers(granted, source)) });
  }

  #hearRoster(message: RosterMessage): void {
    const { room, store } = this.#options;
    const call = inCall(store.state);
    if (!call) return;
    const update = updateRoster(call, message);
    if (update.type === 'gap') {
      if (!this.#resyncing) room.resync(call.epoch, call.rev);
      this.#resyncing = true;
    } else if (update.type === 'updated') {
      this.#resyncing = false;
      store.dispatch({ type: 'roster', roster: update.roster });
      this.#want();
    }
  }

  #hearSfu(event: SfuEvent): void {
    const { store } = this.#options;
    switch (event.type) {
      case 'flowing':
        if (inCall(store.state)) this.#flowing = event;
        return this.#announce();
      case 'track':
        return store.dispatch(event);
      case 'connection':
        return store.dispatch({ type: 'media', connection: event.state });
      case 'stats':
      case 'muted-speech':
        return store.dispatch(event);
      case 'speakers':
        this.reception.hear(event.speakers);
        return store.dispatch(event);
      case 'failed': {
        const { call } = store.state;
        if (call.phase === 'in-call' && call.media !== 'connecting') this.#rejoinOnce(event.error);
        else if (isBusy(call)) this.#fail(new CallError(event.error));
      }
    }
  }
}

/** Refused for what the session is: had it not been ready before, it might have been taken. */
function isLost(media: JoinMedia | undefined): boolean {
  return media !== undefined && 'errorCode' in media && !/^(forbidden|sfu_)/.test(media.errorCode);
}

/** Who may not receive is refused the receiving session, and that is no fault. */
function mediaOf({ publish, receive, iceServers, grants }: JoinResponse) {
  return compact({ publish, receive: grants.subscribe ? receive : undefined, iceServers });
}
