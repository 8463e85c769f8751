import { CallError } from '../call/errors.ts';
import type { MediaStats } from '../call/media-stats.ts';
import type { Clock, SfuApi, Unsubscribe } from '../call/ports.ts';
import type { Leg, MediaPath } from './media-path.ts';
import { PathWatch, type Look } from './path-watch.ts';
import type { Publishing } from './publishing.ts';
import { QualityMeter } from './quality.ts';
import type { Receiving } from './receiving.ts';
import { NO_FLOW } from './stats.ts';

export interface PathMonitorOptions {
  clock: Clock;
  publishing: Publishing;
  receiving: Receiving;
  api: SfuApi;
  /** Does media come through, as far as is known? */
  isConnected: () => boolean;
  onStats: (stats: MediaStats) => void;
}

/** Looks at both connections every two seconds, more often while one is in doubt: one report of each at a time. */
export class PathMonitor {
  readonly #options: PathMonitorOptions;
  readonly #quality = new QualityMeter();
  #sent: PathWatch;
  #received: PathWatch;
  #stopTimer: Unsubscribe | undefined;
  #isLooking = false;
  #isClosed = false;

  constructor(options: PathMonitorOptions) {
    const { publishing, receiving } = options;
    this.#options = options;
    this.#sent = new PathWatch(publishing.path.current.session, { isAcknowledged: true });
    this.#received = new PathWatch(receiving.path.current.session, { isAcknowledged: false });
  }

  /** Looks now, and goes on by itself. */
  async look(): Promise<void> {
    if (this.#isLooking || this.#isClosed) return;
    this.#isLooking = true;
    this.#stopTimer?.();
    const { publishing, receiving, clock } = this.#options;
    const [sent, received] = [this.#sent, this.#received];
    const now = clock.now();
    const looks = [
      await sent.look(now, Number(publishing.isFlowing)),
      await received.look(now, receiving.senders),
    ] as const;
    this.#isLooking = false;
    if (this.#isClosed) return;
    this.#tell(...looks);
    this.#judge(publishing.path, sent, looks[0]);
    this.#judge(receiving.path, received, looks[1]);
    this.#sent = sent.following(publishing.path.current.session);
    this.#received = received.following(receiving.path.current.session);
    this.#stopTimer = clock.setTimeout(() => void this.look(), Math.min(...looks.map(({ nextMs }) => nextMs)));
  }

  /** The network or the machine is back: silence begins to count anew, and the SFU is asked whether it knows the sessions. */
  wake(): void {
    for (const watch of [this.#sent, this.#received]) watch.wake(this.#options.clock.now());
    void this.look();
  }

  close(): void {
    this.#isClosed = true;
    this.#stopTimer?.();
  }

  #judge<L extends Leg>(path: MediaPath<L>, watch: PathWatch, { state, isToProbe }: Look): void {
    // Replaced while it was looked at.
    if (watch.session !== path.current.session) return;
    if (isToProbe) void this.#probe(watch);
    if (state === 'dead') path.break(path.current, new CallError('media-unreachable'), !watch.isGone);
    else if (state === 'well') path.mend();
    path.check();
  }

  async #probe(watch: PathWatch): Promise<void> {
    if (await watch.probe(this.#options.api)) await this.look();
  }

  #tell(sent: Look, received: Look): void {
    const { receiving, isConnected, onStats } = this.#options;
    const { flow: out = NO_FLOW, reading } = sent;
    const { flow: into = NO_FLOW } = received;
    const rtt = received.reading.rtt ?? reading.rtt;
    const [loss, froze] = [Math.max(into.lossIn, out.lossOut), into.freezes > 0];
    this.#quality.read(isConnected() ? { loss, rtt: rtt ?? 0, froze } : undefined);
    onStats({
      quality: this.#quality.quality,
      ...(rtt !== undefined && { rtt }),
      lossIn: into.lossIn,
      lossOut: out.lossOut,
      bitrateIn: into.bitrateIn + out.bitrateIn,
      bitrateOut: into.bitrateOut + out.bitrateOut,
      fps: into.fps,
      freezes: into.freezes,
      received: [...receiving.path.current.pulls].flatMap(({ wanted, slot }) => {
        const bytes = received.received.get(slot?.transceiver.mid ?? '') ?? 0;
        return wanted && bytes > 0 ? { participantId: wanted.participantId, source: wanted.source, bytes } : [];
      }),
    });
  }
}
