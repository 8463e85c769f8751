import type { JoinMedia, SessionDescription } from '#protocol';
import { BrokerError, type Clock, type SfuApi, type Unsubscribe, type WantedTrack } from '../call/ports.ts';
import { trackKey, type RemoteTrackState } from '../call/state.ts';
import { ArrivalWatch } from './arrival-watch.ts';
import { NOTHING_RECEIVED, readInbound, type Inbound } from './inbound.ts';
import { Pull } from './pull.ts';
import { PullExchange, type SfuAbilities } from './pull-exchange.ts';
import { backoff, readCallFailure, retryPull } from './pull-retry.ts';
import { planReceive, type ReceiveOperation } from './receive-plan.ts';
import { ReceiveSlots, type Slot } from './receive-slots.ts';
import type { SfuSession } from './sfu-session.ts';

/** Sections in the first offer; more are added as they are needed. */
const FIRST_SLOTS = { audio: 4, video: 4 } as const;
/** Changes of layers that come closer together go in one call. */
export const RELAYER_INTERVAL_MS = 250;
/** So long, whoever comes takes the section of who went. */
export const RELEASE_AFTER_MS = 1_000;
/** Failed calls in a row before the tracks that wait for them are shown as failed. */
const CALL_FAILURES_SHOWN = 4;

export interface ReceiverOptions {
  session: SfuSession;
  abilities: SfuAbilities;
  clock: Clock;
  random: () => number;
  onTrack: (key: string, state: RemoteTrackState | undefined) => void;
  onStreams: () => void;
  /** Only a new session helps. */
  onBroken: (error: unknown) => void;
}

/** Everybody else's media: works towards the wanted set, one exchange at a time. */
export class Receiver {
  readonly session: SfuSession;
  readonly #options: ReceiverOptions;
  readonly #slots = new ReceiveSlots();
  readonly #exchange: PullExchange;
  readonly #arrivals: ArrivalWatch;
  /** In the order of the wanted set. */
  #pulls = new Map<string, Pull>();
  #isWantKnown = false;
  readonly #failedAtJoin = new Map<string, string>();
  #api: SfuApi | undefined;
  #isBroken = false;
  #callFailures = 0;
  #pausedUntil = 0;
  #relayerNotBefore = 0;
  #stopTimer: Unsubscribe | undefined;

  constructor(options: ReceiverOptions) {
    const { session, clock, abilities } = options;
    this.session = session;
    this.#options = options;
    this.#exchange = new PullExchange(session, this.#slots, abilities);
    this.#arrivals = new ArrivalWatch({
      session,
      clock,
      pulls: () => this.#pulls.values(),
      onArrived: (pull) => this.#onArrived(pull),
      onStalled: (pull) => {
        this.#freeSlot(pull);
        this.#onPullFailed(pull, 'empty_track_error');
        this.#kick();
      },
    });
  }

  get pulls(): Iterable<Pull> {
    return this.#pulls.values();
  }

  /** The offer of the join: sections that wait for tracks. */
  prepare(): Promise<SessionDescription> {
    return this.#exchange.offer(FIRST_SLOTS);
  }

  /** Goes on from the broker's answer to the prepared offer; where there is none, the offer is kept for the first pull. */
  async begin(api: SfuApi, joined: JoinMedia | undefined): Promise<void> {
    if (joined && 'sessionId' in joined) {
      await this.session.queue.run('join', async () => {
        this.session.id = joined.sessionId;
        const results = await this.#exchange.take(api, joined);
        for (const { sessionId, trackName, mid, errorCode } of results) {
          if (!sessionId || !trackName) continue;
          const slot = errorCode === undefined ? this.#slots.adopt(this.session.peer, mid) : undefined;
          if (!slot) this.#failedAtJoin.set(trackKey(sessionId, trackName), errorCode ?? 'internal_error');
          // Whose it is becomes known with the wanted set.
          else this.#occupy(this.#add(new Pull({ sessionId, trackName, kind: slot.kind })), slot, NOTHING_RECEIVED);
        }
      });
    }
    this.#api = api;
    this.#kick();
  }

  want(tracks: readonly WantedTrack[]): void {
    const before = this.#pulls;
    this.#pulls = new Map();
    this.#isWantKnown = true;
    for (const wanted of tracks) {
      const key = trackKey(wanted.sessionId, wanted.trackName);
      const pull = this.#add(before.get(key) ?? this.#create(wanted));
      // What came with the join came in its smallest layer.
      if (!pull.wanted && pull.slot) pull.rid = wanted.rids.at(-1);
      pull.wanted = wanted;
      if (pull.slot) pull.slot.owner = pull.owner;
      this.#report(pull);
    }
    for (const [key, pull] of before) {
      if (this.#pulls.has(key)) continue;
      this.#freeSlot(pull);
      if (pull.wanted) this.#options.onTrack(key, undefined);
    }
    this.#options.onStreams();
    this.#kick();
  }

  /** The transport changed: what waited for it goes on. */
  resume(): void {
    this.#kick();
  }

  close(): void {
    this.#stopTimer?.();
    this.#arrivals.stop();
    this.session.close();
  }

  #add(pull: Pull): Pull {
    this.#pulls.set(pull.key, pull);
    return pull;
  }

  #create(wanted: WantedTrack): Pull {
    const pull = Pull.of(wanted);
    const errorCode = this.#failedAtJoin.get(pull.key);
    this.#failedAtJoin.delete(pull.key);
    if (errorCode !== undefined) this.#countFailure(pull, errorCode);
    return pull;
  }

  #kick(): void {
    // It rejects once the session is closed, and then nobody waits for it.
    this.session.queue.runOnce('receive', () => this.#work()).catch(() => undefined);
  }

  #kickAt(time: number): void {
    const { clock } = this.#options;
    this.#stopTimer?.();
    // Never early, or it would find the time not come and ask again at once.
    this.#stopTimer = clock.setTimeout(() => this.#kick(), Math.max(1, Math.ceil(time - clock.now())));
  }

  async #work(): Promise<void> {
    const { transport } = this.session;
    // The first exchange makes the transport; every later one needs it.
    const mayCall = transport === 'new' || transport === 'connected';
    if (!this.#api || !this.#isWantKnown || !mayCall || this.#isBroken) return;
    if (this.#pausedUntil > this.#options.clock.now()) return this.#kickAt(this.#pausedUntil);

    const operation = this.#plan();
    if (!operation) return;
    if (operation.type === 'wait') return this.#kickAt(operation.until);
    try {
      await this.#execute(this.#api, operation);
      this.#callFailures = 0;
    } catch (error) {
      if (!this.session.queue.signal.aborted) this.#onCallFailed(error);
    }
    this.#kick();
  }

  #plan(): ReceiveOperation | undefined {
    const waiting = [...this.#pulls.values()].flatMap(({ key, kind, owner, failures, mayRepoint, phase }) => {
      if (phase.name !== 'waiting') return [];
      const isAllowed = mayRepoint && this.#options.abilities.repoints !== false;
      return [{ key, kind, owner, failures, notBefore: phase.notBefore, mayRepoint: isAllowed }];
    });
    return planReceive({
      waiting,
      leaving: this.#slots.leaving(),
      offLayer: [...this.#pulls.values()].filter(({ isOffLayer }) => isOffLayer).map(({ key }) => key),
      relayerNotBefore: this.#relayerNotBefore,
      now: this.#options.clock.now(),
    });
  }

  async #execute(api: SfuApi, operation: Exclude<ReceiveOperation, { type: 'wait' }>): Promise<void> {
    if (operation.type === 'release') return this.#release(api, operation.mids);
    const pulls = operation.keys.map((key) => this.#pulls.get(key)).filter((pull) => pull !== undefined);
    if (operation.type === 'relayer') return this.#relayer(api, pulls);
    for (const pull of pulls) pull.phase = { name: 'requested' };
    try {
      await (operation.type === 'pull' ? this.#pull(api, pulls) : this.#repoint(api, pulls, operation.mids));
    } finally {
      // The call failed as a whole, and no track is to blame.
      for (const pull of pulls) if (pull.phase.name === 'requested') pull.wait(0, '');
    }
  }

  async #pull(api: SfuApi, pulls: readonly Pull[]): Promise<void> {
    // Before the call: whatever a vacant section receives from now on is its new track.
    const inbound = await readInbound(this.session.peer);
    const results = await this.#exchange.pull(api, pulls);
    for (const pull of pulls) {
      const result = pull.findResult(results);
      const slot =
        result?.errorCode === undefined ? this.#slots.adopt(this.session.peer, result?.mid ?? '') : undefined;
      if (slot) this.#occupy(pull, slot, inbound.get(slot.transceiver.mid ?? '') ?? NOTHING_RECEIVED);
      else this.#onPullFailed(pull, result?.errorCode ?? 'internal_error');
    }
  }

  async #repoint(api: SfuApi, pulls: readonly Pull[], mids: readonly string[]): Promise<void> {
    const { abilities } = this.#options;
    const tracks = pulls.map((pull, index) => {
      const mid = mids[index] ?? '';
      const slot = this.#slots.find(mid);
      // Before the call: its answer may come after the first of the new pictures.
      if (slot) slot.owner = pull.owner;
      return { ...pull.request(), mid };
    });
    this.#options.onStreams();
    const { tracks: results } = await api.updateTracks(this.session.id, { tracks });
    // After the call: until then the sections receive their previous tracks.
    const inbound = await readInbound(this.session.peer);
    for (const [index, pull] of pulls.entries()) {
      const mid = mids[index] ?? '';
      const slot = this.#slots.find(mid);
      const errorCode = slot ? pull.findResult(results)?.errorCode : 'internal_error';
      if (slot && errorCode === undefined) {
        abilities.repoints = true;
        this.#occupy(pull, slot, inbound.get(mid) ?? NOTHING_RECEIVED);
      } else if (errorCode === 'not_found_track_error' || errorCode === 'empty_track_error') {
        this.#onPullFailed(pull, errorCode);
      } else {
        // The section's fault and not the track's: it is pulled like any other.
        pull.mayRepoint = false;
        abilities.repoints ??= false;
      }
    }
  }

  /** A layer that the SFU refuses is not asked for again until another one is wanted. */
  async #relayer(api: SfuApi, pulls: readonly Pull[]): Promise<void> {
    const tracks = pulls.map((pull) => ({ ...pull.request(), mid: pull.slot?.transceiver.mid ?? '' }));
    try {
      await api.updateTracks(this.session.id, { tracks });
    } catch (error) {
      for (const pull of pulls) pull.rid = undefined;
      throw error;
    } finally {
      this.#relayerNotBefore = this.#options.clock.now() + RELAYER_INTERVAL_MS;
    }
  }

  async #release(api: SfuApi, mids: readonly string[]): Promise<void> {
    const tracks = mids.map((mid) => ({ mid }));
    const { tracks: results } = await api.closeTracks(this.session.id, { tracks, force: true });
    for (const mid of mids) {
      const errorCode = results.find((result) => result.mid === mid)?.errorCode;
      this.#slots.release(mid, errorCode === undefined || errorCode === 'close_track_error' ? 'vacant' : 'spent');
    }
    this.#options.onStreams();
  }

  #occupy(pull: Pull, slot: Slot, before: Inbound): void {
    this.#slots.occupy(slot, before);
    slot.owner = pull.owner;
    // Nobody wants it any more: what was put in goes out again.
    if (this.#pulls.get(pull.key) !== pull) return this.#leave(slot);
    pull.settle(slot, this.#options.clock.now());
    this.#arrivals.start();
    this.#report(pull);
    this.#options.onStreams();
  }

  #freeSlot(pull: Pull): void {
    if (pull.slot) this.#leave(pull.slot);
  }

  #leave(slot: Slot): void {
    this.#slots.leave(slot, this.#options.clock.now() + RELEASE_AFTER_MS);
  }

  #onArrived(pull: Pull): void {
    if (!pull.slot) return;
    pull.phase = { name: 'playing', slot: pull.slot };
    pull.failures = 0;
    this.#report(pull);
    this.#options.onStreams();
  }

  #onPullFailed(pull: Pull, errorCode: string): void {
    this.#countFailure(pull, errorCode);
    this.#report(pull);
    this.#options.onStreams();
  }

  #countFailure(pull: Pull, errorCode: string): void {
    pull.failures++;
    const { delay, isHopeless } = retryPull(errorCode, pull.failures, this.#options.random());
    pull.wait(this.#options.clock.now() + delay, isHopeless ? errorCode : '');
  }

  #onCallFailed(error: unknown): void {
    const { clock, random } = this.#options;
    const failure = error instanceof BrokerError ? readCallFailure(error) : 'replace';
    if (!(error instanceof BrokerError) || failure === 'replace') {
      this.#isBroken = true;
      return this.#options.onBroken(error);
    }

    this.#callFailures++;
    const isShown = failure === 'refused' || this.#callFailures >= CALL_FAILURES_SHOWN;
    const delay = failure === 'refused' ? Infinity : backoff(this.#callFailures, random());
    this.#pausedUntil = clock.now() + (failure === 'refused' ? 0 : delay);
    if (!isShown) return;
    for (const pull of this.#pulls.values()) {
      if (pull.phase.name !== 'waiting') continue;
      pull.wait(clock.now() + delay, error.errorCode);
      this.#report(pull);
    }
  }

  #report(pull: Pull): void {
    const { key, state, wanted, reported } = pull;
    if (!wanted || this.#pulls.get(key) !== pull || state.status === reported) return;
    pull.reported = state.status;
    this.#options.onTrack(key, state);
  }
}
