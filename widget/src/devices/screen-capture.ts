/** Chromium's hints, which the DOM library does not know yet; others ignore them. */
interface DisplayMediaHints extends DisplayMediaStreamOptions {
  systemAudio?: 'include' | 'exclude';
  surfaceSwitching?: 'include' | 'exclude';
  selfBrowserSurface?: 'include' | 'exclude';
}

const OPTIONS: DisplayMediaHints = {
  video: { frameRate: { max: 30 } },
  // A voice's filters would tear music and film apart.
  audio: { echoCancellation: false, noiseSuppression: false, autoGainControl: false },
  systemAudio: 'include',
  surfaceSwitching: 'include',
  // To share the call into itself shows a tunnel of screens.
  selfBrowserSurface: 'exclude',
};

export interface ScreenCaptureOptions {
  getDisplayMedia: (options: DisplayMediaStreamOptions) => Promise<MediaStream>;
  /** The picture or the sound came or went. */
  onChange: () => void;
  /** Sharing was stopped from the browser's own bar, or the window was closed. */
  onEnded: () => void;
}

/** A shared screen, window or tab, with its sound where the browser and the person give it. */
export class ScreenCapture {
  readonly #options: ScreenCaptureOptions;
  #picture: MediaStreamTrack | undefined;
  #sound: MediaStreamTrack | undefined;
  #attempt: symbol | undefined;
  #listening: AbortController | undefined;

  constructor(options: ScreenCaptureOptions) {
    this.#options = options;
  }

  get picture(): MediaStreamTrack | undefined {
    return this.#picture;
  }

  get sound(): MediaStreamTrack | undefined {
    return this.#sound;
  }

  /** Undefined where the person closed the picker, or a later start or a stop came in between. Rejects with what the browser throws. */
  async start(): Promise<MediaStreamTrack | undefined> {
    const attempt = Symbol('start');
    this.#attempt = attempt;
    let stream: MediaStream;
    try {
      stream = await this.#options.getDisplayMedia(OPTIONS);
    } catch (error) {
      if (isCancelled(error)) return undefined;
      throw error;
    }
    if (this.#attempt !== attempt) {
      for (const track of stream.getTracks()) track.stop();
      return undefined;
    }
    this.#use(stream);
    return this.#picture;
  }

  stop(): void {
    this.#attempt = undefined;
    this.#use(undefined);
  }

  #use(stream: MediaStream | undefined): void {
    const before = [this.#picture, this.#sound];
    this.#listening?.abort();
    this.#picture = stream?.getVideoTracks()[0];
    this.#sound = stream?.getAudioTracks()[0];
    if (this.#picture) this.#follow(this.#picture, this.#sound);
    if (this.#picture ?? before[0]) this.#options.onChange();
    for (const track of before) track?.stop();
  }

  #follow(picture: MediaStreamTrack, sound: MediaStreamTrack | undefined): void {
    this.#listening = new AbortController();
    const { signal } = this.#listening;
    // Text stays legible where bandwidth is short: fewer frames rather than fewer pixels.
    picture.contentHint = 'detail';
    picture.addEventListener(
      'ended',
      () => {
        this.stop();
        this.#options.onEnded();
      },
      { signal },
    );
    sound?.addEventListener(
      'ended',
      () => {
        this.#sound = undefined;
        this.#options.onChange();
      },
      { signal },
    );
  }
}

/** A closed picker and a refusal by the operating system have the same name; only the latter is told. */
function isCancelled(error: unknown): boolean {
  return error instanceof Error && error.name === 'NotAllowedError' && !/system/i.test(error.message);
}
