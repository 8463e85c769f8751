/** Loudness of one track, read when somebody wants to know. */
export class LevelMeter {
  readonly track: MediaStreamTrack;
  readonly #context = new AudioContext();
  readonly #analyser: AnalyserNode;
  readonly #samples: Float32Array<ArrayBuffer>;

  constructor(track: MediaStreamTrack) {
    this.track = track;
    this.#analyser = new AnalyserNode(this.#context, { fftSize: 512 });
    this.#samples = new Float32Array(this.#analyser.fftSize);
    this.#context.createMediaStreamSource(new MediaStream([track])).connect(this.#analyser);
    // Where the page has seen no gesture yet, the context starts with the first one.
    void this.#context.resume().catch(() => undefined);
  }

  /** Root mean square of the last 10 ms, 0 to 1. */
  read(): number {
    this.#analyser.getFloatTimeDomainData(this.#samples);
    const sum = this.#samples.reduce((total, sample) => total + sample * sample, 0);
    return Math.min(1, Math.sqrt(sum / this.#samples.length));
  }

  close(): void {
    void this.#context.close().catch(() => undefined);
  }
}
