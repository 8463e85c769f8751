import type { Clock, Unsubscribe } from '../call/ports.ts';
import { ActiveSpeakers } from './active-speakers.ts';
import { readInbound } from './inbound.ts';
import type { LocalMedia } from './local-media.ts';
import { MutedSpeech } from './muted-speech.ts';
import type { Pull } from './pull.ts';
import type { Receiver } from './receiver.ts';

/** My own id wherever speakers and levels are told. */
export const SELF = 'self';

/** A reading is the level of one packet: at half the rate, speech would seem to stop between two words. */
const INTERVAL_MS = 100;
/** Not one packet of anybody's sound in so long: something may be wrong. Silence alone is sent every 400 ms. */
const SILENCE_MS = 700;
/** Timers that come so late have slept, with the machine or with the page. */
const SLEEP_MS = 4_000;

export interface LevelsOptions {
  clock: Clock;
  own: Pick<LocalMedia, 'level' | 'isMuted'>;
  receiver: () => Receiver;
  onSpeakers: (speakers: string[]) => void;
  /** I began to speak while muted, or it is over. */
  onMutedSpeech: (isHeard: boolean) => void;
  /** Packets of sound came, and no longer do. */
  onSilence: () => void;
  onWake: () => void;
}

/** How loud everybody's microphone is, 0 to 1, by participant, read ten times a second. */
export class Levels {
  readonly #options: LevelsOptions;
  readonly #speakers = new ActiveSpeakers();
  readonly #mutedSpeech = new MutedSpeech();
  #levels: ReadonlyMap<string, number> = new Map();
  /** Of each pull's newest sound: one that stands still is no sound. */
  readonly #timestamps = new WeakMap<Pull, number>();
  /** When a packet of anybody's came last; undefined once its absence was told. */
  #heardAt: number | undefined;
  #stopTimer: Unsubscribe | undefined;
  #isStopped = false;

  constructor(options: LevelsOptions) {
    this.#options = options;
  }

  get(participantId: string): number {
    return this.#levels.get(participantId) ?? 0;
  }

  start(): void {
    void this.#read(this.#options.clock.now());
  }

  stop(): void {
    this.#isStopped = true;
    this.#stopTimer?.();
  }

  async #read(due: number): Promise<void> {
    const { clock, own, onSpeakers, onMutedSpeech, onSilence, onWake } = this.#options;
    const now = clock.now();
    if (now - due > SLEEP_MS) onWake();
    const isMuted = own.isMuted('microphone');
    const level = own.level();
    this.#levels = await this.#measure(isMuted ? 0 : level, now);
    if (this.#isStopped) return;
    if (this.#heardAt !== undefined && now - this.#heardAt >= SILENCE_MS) {
      this.#heardAt = undefined;
      onSilence();
    }
    if (this.#speakers.update(this.#levels, now)) onSpeakers([...this.#speakers.speakers]);
    const { isHeard } = this.#mutedSpeech;
    this.#mutedSpeech.read(level, isMuted);
    if (this.#mutedSpeech.isHeard !== isHeard) onMutedSpeech(!isHeard);
    const next = clock.now() + INTERVAL_MS;
    this.#stopTimer = clock.setTimeout(() => void this.#read(next), INTERVAL_MS);
  }

  async #measure(ownLevel: number, now: number): Promise<ReadonlyMap<string, number>> {
    const { pulls, session } = this.#options.receiver();
    const levels = new Map([[SELF, ownLevel]]);
    const unknown: Pull[] = [];
    for (const pull of pulls) {
      if (pull.phase.name !== 'playing' || pull.wanted?.source !== 'microphone') continue;
      const level = this.#readSource(pull, now);
      if (level === undefined) unknown.push(pull);
      else levels.set(pull.wanted.participantId, level);
    }
    // Without the level in the packets' headers, the browser measures what it played; that costs a report.
    const inbound = unknown.length > 0 ? await readInbound(session.peer) : undefined;
    for (const { wanted, slot } of unknown) {
      const level = inbound?.get(slot?.transceiver.mid ?? '')?.audioLevel ?? 0;
      if (wanted) levels.set(wanted.participantId, level);
    }
    return levels;
  }

  #readSource(pull: Pull, now: number): number | undefined {
    const [source] = pull.slot?.transceiver.receiver.getSynchronizationSources() ?? [];
    if (!source) return undefined;
    const isNew = this.#timestamps.get(pull) !== source.rtpTimestamp;
    this.#timestamps.set(pull, source.rtpTimestamp);
    if (isNew) this.#heardAt = now;
    return isNew || source.audioLevel === undefined ? source.audioLevel : 0;
  }
}
