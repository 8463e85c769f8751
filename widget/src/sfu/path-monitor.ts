import { CallError } from '../call/errors.ts';
import type { MediaStats } from '../call/media-stats.ts';
import { BrokerError, type Clock, type SfuApi, type Unsubscribe } from '../call/ports.ts';
import type { Leg, MediaPath } from './media-path.ts';
import { PathHealth } from './path-health.ts';
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

/** What is known of one connection. */
class Watch {
  readonly leg: Leg;
  readonly health: PathHealth;
  before: Reading | undefined;
  now: Reading | undefined;

  constructor(leg: Leg, isAcknowledged: boolean) {
    this.leg = leg;
    this.health = new PathHealth({ isAcknowledged });
  }

  /** By how much a counter has grown since the look before. */
  growth(counter: string): number {
    return this.now ? growthOf(counter, this.before, this.now) : 0;
  }

  async read(): Promise<void> {
    const { session } = this.leg;
    this.before = this.now;
    this.now = readStats(await session.peer.getStats(), this.before);
  }
}

/** Looks at both connections every two seconds, more often while one is in doubt: one report of each at a time. */
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

  /** Looks now, and goes on by itself. */
  async look(): Promise<void> {
    if (this.#isLooking || this.#isClosed) return;
    this.#isLooking = true;
    this.#stopTimer?.();
    const { publishing, receiving, clock } = this.#options;
    const sent = (this.#sent = follow(this.#sent, publishing.path.current, true));
    const received = (this.#received = follow(this.#received, receiving.path.current, false));
    await Promise.all([sent.read(), received.read()]);
    this.#isLooking = false;
    if (this.#isClosed) return;
    this.#tell(sent, received);
    const delays = [
      this.#judge(publishing.path, sent, Number(publishing.isFlowing)),
      this.#judge(receiving.path, received, receiving.senders),
    ];
    this.#stopTimer = clock.setTimeout(() => void this.look(), Math.min(...delays));
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

  /** Returns when to look again. */
  #judge<L extends Leg>(path: MediaPath<L>, { leg, health, now }: Watch, senders: number): number {
    const { transport } = leg.session;
    const { silence = 0, answers = 0 } = now ?? {};
    const { state, isToProbe, nextMs } = health.look(
      { transport, silence, answers, senders },
      this.#options.clock.now(),
    );
    // Unless it was replaced while it was looked at.
    if (leg === path.current) {
      if (isToProbe) void this.#probe(leg, health);
      if (state === 'dead') path.break(path.current, new CallError('media-unreachable'), !health.isGone);
      else if (state === 'well') path.mend();
      path.check();
    }
    return nextMs;
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
    // One of the two may have nothing to carry yet.
    const seconds = Math.max(...[sent, received].map((watch) => watch.growth('pair timestamp'))) / 1000 || Infinity;
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
      bitrateIn: (received.growth('pair bytesReceived') * 8) / seconds,
      bitrateOut: (sent.growth('pair bytesSent') * 8) / seconds,
      fps: received.growth('inbound-rtp framesDecoded') / seconds,
      freezes,
      received: [...receiving.path.current.pulls].flatMap(({ wanted, slot }) => {
        const bytes = received.growth(`mid ${slot?.transceiver.mid ?? ''}`);
        return wanted && bytes > 0 ? { participantId: wanted.participantId, source: wanted.source, bytes } : [];
      }),
    });
  }
}

function follow(watch: Watch | undefined, leg: Leg, isAcknowledged: boolean): Watch {
  return watch?.leg === leg ? watch : new Watch(leg, isAcknowledged);
}

function share(lost: number, others: number): number {
  return lost > 0 ? lost / (lost + Math.max(0, others)) : 0;
}
