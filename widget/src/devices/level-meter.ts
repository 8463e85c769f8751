/**
 * Loudness of one track, read when somebody wants to know; of one that is muted too. It measures a clone, which sends nothing
 * and lives as long as the meter: to capture anew would silence the first capture on iOS.
 */
export class LevelMeter {
  readonly track: MediaStreamTrack;
  readonly #clone: MediaStreamTrack;
  readonly #context = new AudioContext();
  readonly #analyser: AnalyserNode;
  readonly #samples: Float32Array<ArrayBuffer>;

  constructor(track: MediaStreamTrack) {
    this.track = track;
    this.#clone = track.clone();
    this.#clone.enabled = true;
    this.#analyser = new AnalyserNode(this.#context, { fftSize: 512 });
    this.#samples = new Float32Array(this.#analyser.fftSize);
    this.#context.createMediaStreamSource(new MediaStream([this.#clone])).connect(this.#analyser);
    // Where the page has seen no gesture yet, the context starts with the first one.
    void this.#context.resume().catch(() => undefined);
  }

  /** Root mean square of the last 10 ms, 0 to 1. */
  read(): number {
    this.#analyser.getFloatTimeDomainData(this.#samples);
    const sum = this.#samples.reduce((total, sample) => total + sample * sample, 0);
    return Math.min(1, Math.sqrt(sum / this.#samples.length));
  }

  /** Lets go of the device, as far as it was the meter that held it. */
  close(): void {
    this.#clone.stop();
    void this.#context.close().catch(() => undefined);
  }
}
