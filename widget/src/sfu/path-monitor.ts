import { CallError } from '../call/errors.ts';
import type { MediaStats } from '../call/media-stats.ts';
import { BrokerError, type Clock, type SfuApi, type Unsubscribe } from '../call/ports.ts';
import type { Leg, MediaPath } from './media-path.ts';
import { DARK_AFTER_MS, PathHealth } from './path-health.ts';
import type { Publishing } from './publishing.ts';
import { QualityMeter } from './quality.ts';
import type { Receiving } from './receiving.ts';
import { growthOf, readStats, type Reading } from './stats.ts';

export interface PathMonitorOptions {
  clock: Clock;
  publishing: Publishing;
  receiving: Receiving;
  api: SfuApi;
  /** Does media come through, as far as is known? */
  isConnected: () => boolean;
  onStats: (stats: MediaStats) => void;
}

const NOTHING_READ = { silence: 0, answers: 0, checkMs: 0, way: '' };

/** What is known of one connection. */
class Watch {
  readonly leg: Leg;
  readonly health: PathHealth;
  now: Reading | undefined;
  /** As it was when stats were told last; looks come more often. */
  told: Reading | undefined;
  /** When to look again. */
  dueAt = 0;

  constructor(leg: Leg, isAcknowledged: boolean) {
    this.leg = leg;
    this.health = new PathHealth({ isAcknowledged });
  }

  /** By how much a counter has grown since stats were told last. */
  growth(counter: string): number {
    return this.now ? growthOf(counter, this.told, this.now) : 0;
  }

  /** The same for each second. */
  rate(counter: string): number {
    return this.growth(counter) / (this.growth('pair timestamp') / 1000 || Infinity);
  }

  async read(): Promise<void> {
    const { session } = this.leg;
    this.now = readStats(await session.peer.getStats(), this.now);
  }
}

/** Looks at each connection every second or two, more often while it is in doubt: one report of each at a time. */
export class PathMonitor {
  readonly #options: PathMonitorOptions;
  readonly #quality = new QualityMeter();
  #sent: Watch | undefined;
  #received: Watch | undefined;
  #stopTimer: Unsubscribe | undefined;
  #isLooking = false;
  #isClosed = false;

  constructor(options: PathMonitorOptions) {
    this.#options = options;
  }

  /** Looks now, and goes on by itself. `isTimed`: only at what is due. */
  async look(isTimed = false): Promise<void> {
    if (this.#isLooking || this.#isClosed) return;
    this.#isLooking = true;
    this.#stopTimer?.();
    const { publishing, receiving, clock } = this.#options;
    const sent = (this.#sent = follow(this.#sent, publishing.path.current, true));
    const received = (this.#received = follow(this.#received, receiving.path.current, false));
    const now = clock.now();
    const due = [sent, received].filter(({ dueAt }) => !isTimed || dueAt <= now);
    await Promise.all(due.map((watch) => watch.read()));
    this.#isLooking = false;
    if (this.#isClosed) return;
    const senders = Number(publishing.isFlowing);
    if (due.includes(sent)) this.#judge(publishing.path, sent, senders, isDark(received, receiving.senders));
    if (due.includes(received)) {
      this.#tell(sent, received);
      this.#judge(receiving.path, received, receiving.senders, isDark(sent, senders));
    }
    const delay = Math.min(sent.dueAt, received.dueAt) - clock.now();
    this.#stopTimer = clock.setTimeout(() => void this.look(true), delay);
  }

  /** The network or the machine is back: silence begins to count anew, and the SFU is asked whether it knows the sessions. */
  wake(): void {
    for (const watch of [this.#sent, this.#received]) watch?.health.wake(this.#options.clock.now());
    void this.look();
  }

  close(): void {
    this.#isClosed = true;
    this.#stopTimer?.();
  }

  #judge<L extends Leg>(path: MediaPath<L>, watch: Watch, senders: number, isOtherDark: boolean): void {
    const { leg, health, now: { silence, answers, checkMs, way } = NOTHING_READ } = watch;
    const { transport } = leg.session;
    const now = this.#options.clock.now();
    const sample = { transport, silence, answers, checkMs, way, senders, isOtherDark };
    const { state, isToProbe, nextMs } = health.look(sample, now);
    watch.dueAt = now + nextMs;
    // Unless it was replaced while it was looked at.
    if (leg === path.current) {
      if (isToProbe) void this.#probe(leg, health);
      if (state === 'dead') path.break(path.current, new CallError('media-unreachable'), !health.isGone);
      else if (state === 'well') path.mend();
      path.check();
    }
  }

  /** Does the SFU still know the session? No answer is the broker's trouble, and no sign of anything. */
  async #probe({ session }: Leg, health: PathHealth): Promise<void> {
    try {
      await this.#options.api.getSession(session.id);
    } catch (error) {
      health.isGone = error instanceof BrokerError && error.status === 410;
      if (health.isGone) await this.look();
    }
  }

  #tell(sent: Watch, received: Watch): void {
    const { receiving, isConnected, onStats } = this.#options;
    const rtt = received.now?.rtt ?? sent.now?.rtt;
    const lossIn = share(received.growth('inbound-rtp packetsLost'), received.growth('inbound-rtp packetsReceived'));
    const lostOut = sent.growth('remote-inbound-rtp packetsLost');
    // The far end counts what arrived against what was sent, so the lost are among the sent.
    const lossOut = share(lostOut, sent.growth('outbound-rtp packetsSent') - lostOut);
    const freezes = received.growth('inbound-rtp freezeCount');
    this.#quality.read(
      isConnected() ? { loss: Math.max(lossIn, lossOut), rtt: rtt ?? 0, froze: freezes > 0 } : undefined,
    );
    onStats({
      quality: this.#quality.quality,
      ...(rtt !== undefined && { rtt }),
      lossIn,
      lossOut,
      bitrateIn: received.rate('pair bytesReceived') * 8,
      bitrateOut: sent.rate('pair bytesSent') * 8,
      fps: received.rate('inbound-rtp framesDecoded'),
      freezes,
      received: [...receiving.path.current.pulls].flatMap(({ wanted, slot }) => {
        const bytes = received.growth(`mid ${slot?.transceiver.mid ?? ''}`);
        return wanted && bytes > 0 ? { participantId: wanted.participantId, source: wanted.source, bytes } : [];
      }),
    });
    for (const watch of [sent, received]) watch.told = watch.now;
  }
}

function follow(watch: Watch | undefined, leg: Leg, isAcknowledged: boolean): Watch {
  return watch?.leg === leg ? watch : new Watch(leg, isAcknowledged);
}

/** Nothing more comes, where something should. */
function isDark({ leg, now }: Watch, senders: number): boolean {
  return senders > 0 && leg.session.transport === 'connected' && (now?.silence ?? 0) >= DARK_AFTER_MS;
}

function share(lost: number, others: number): number {
  return lost > 0 ? lost / (lost + Math.max(0, others)) : 0;
}
