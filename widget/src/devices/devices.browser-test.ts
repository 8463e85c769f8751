import { CallError } from '../call/errors.ts';
import type { DevicesEvent } from '../call/ports.ts';
import { Devices } from './devices.ts';

const assert = (condition: unknown, message: string) => {
  if (!condition) throw new Error(message);
};
const equal = (actual: unknown, expected: unknown, message: string) =>
  assert(Object.is(actual, expected), `${message}: ${String(actual)}, not ${String(expected)}`);

async function codeOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof CallError) return error.code;
    throw error;
  }
  return 'no error';
}

/** The browser's devices, with every opened track at hand, and a way to hold or fail a start. */
class WatchedMediaDevices extends EventTarget {
  readonly opened: MediaStreamTrack[] = [];
  readonly asked: MediaStreamConstraints[] = [];
  /** Awaited before the browser is asked; what it throws is the browser's answer. */
  before: (constraints: MediaStreamConstraints) => Promise<void> | void = () => undefined;

  get lights(): number {
    return this.opened.filter(({ readyState }) => readyState === 'live').length;
  }

  async getUserMedia(constraints: MediaStreamConstraints): Promise<MediaStream> {
    this.asked.push(constraints);
    await this.before(constraints);
    return this.#keep(await navigator.mediaDevices.getUserMedia(constraints));
  }

  /** A canvas in place of the picker, which no test can click. */
  async getDisplayMedia(): Promise<MediaStream> {
    await this.before({});
    const canvas = document.createElement('canvas');
    canvas.getContext('2d');
    const sound = new AudioContext().createMediaStreamDestination().stream.getAudioTracks();
    return this.#keep(new MediaStream([...canvas.captureStream().getVideoTracks(), ...sound]));
  }

  enumerateDevices(): Promise<MediaDeviceInfo[]> {
    return navigator.mediaDevices.enumerateDevices();
  }

  #keep(stream: MediaStream): MediaStream {
    this.opened.push(...stream.getTracks());
    return stream;
  }
}

const fail = (name: string) => () => {
  throw new DOMException('the browser says so', name);
};

describe('Devices', () => {
  let media: WatchedMediaDevices;
  let devices: Devices;
  let events: DevicesEvent[];

  beforeEach(() => {
    localStorage.clear();
    media = new WatchedMediaDevices();
    devices = new Devices({ mediaDevices: media as unknown as MediaDevices });
    events = [];
    devices.subscribe((event) => events.push(event));
  });

  afterEach(() => {
    devices.close();
    equal(media.lights, 0, 'lights on after close');
  });

  /** The fake microphone beeps. */
  const hearBeep = async () => {
    let level = 0;
    while (level < 0.01) {
      await new Promise((resolve) => requestAnimationFrame(resolve));
      level = devices.level();
    }
    assert(level <= 1, `level ${level}`);
  };
  /** The clones that are made of tracks from now on. */
  const watchClones = () => {
    const clones: MediaStreamTrack[] = [];
    const { clone } = MediaStreamTrack.prototype;
    MediaStreamTrack.prototype.clone = function () {
      const made = clone.call(this);
      clones.push(made);
      return made;
    };
    stopWatching = () => (MediaStreamTrack.prototype.clone = clone);
    return clones;
  };
  let stopWatching = () => {};
  afterEach(() => stopWatching());

  it('captures a camera, says which, and releases it', async () => {
    const device = await devices.start('camera');
    assert(device && device.id !== '' && device.label !== '', 'id and label');
    equal(media.lights, 1, 'lights');
    const stream = devices.stream('camera');
    assert(stream && devices.stream('camera') === stream, 'the same stream while it lasts');
    assert(!devices.isMuted('camera'), 'it is seen');

    devices.stop('camera');
    equal(media.lights, 0, 'lights');
    equal(devices.track('camera'), undefined, 'track');
    equal(devices.stream('camera'), undefined, 'stream');
    assert(devices.isMuted('camera'), 'nothing is seen');
    equal(events.length, 0, 'what I stop myself is no event');
  });

  it('silences the microphone and keeps it open, whenever it is opened', async () => {
    let changes = 0;
    devices.subscribeTracks(() => changes++);
    devices.setMuted(true);
    await devices.start('microphone');
    const track = devices.track('microphone')!;
    assert(!track.enabled && devices.isMuted('microphone'), 'muted before it was opened');
    devices.setMuted(false);
    assert(track.enabled && !devices.isMuted('microphone'), 'heard');
    equal(devices.track('microphone'), track, 'the same track');
    equal(track.readyState, 'live', 'track');
    equal(changes, 3, 'changes told');
  });

  it('measures how loud the microphone is', async () => {
    equal(devices.level(), 0, 'without a microphone');
    await devices.start('microphone');
    await hearBeep();
    devices.stop('microphone');
    equal(devices.level(), 0, 'after it was released');
  });

  it('measures it muted too, without a second capture, and holds the device no longer than the microphone is on', async () => {
    const clones = watchClones();
    await devices.start('microphone');
    const track = devices.track('microphone')!;
    devices.setMuted(true);
    await hearBeep();
    assert(!track.enabled && devices.isMuted('microphone'), 'what is sent stays silent');
    equal(media.asked.length, 1, 'captures');
    equal(clones.map(({ readyState }) => readyState).join(), 'live', 'clones');
    devices.stop('microphone');
    equal(clones.map(({ readyState }) => readyState).join(), 'ended', 'clones after it was released');
  });

  it('measures the next microphone in place of the one that ended', async () => {
    const clones = watchClones();
    await devices.start('microphone');
    await hearBeep();
    devices.track('microphone')!.dispatchEvent(new Event('ended'));
    equal(devices.level(), 0, 'without one');
    await devices.start('microphone');
    await hearBeep();
    equal(clones.map(({ readyState }) => readyState).join(), 'ended,live', 'clones');
  });

  for (const [name, code] of [
    ['NotAllowedError', 'device-denied'],
    ['NotFoundError', 'device-missing'],
    ['NotReadableError', 'device-busy'],
    ['AbortError', 'device-failed'],
  ] as const)
    it(`tells ${name} as ${code}`, async () => {
      media.before = fail(name);
      equal(await codeOf(devices.start('camera')), code, 'code');
      equal(devices.track('camera'), undefined, 'track');
      media.before = () => undefined;
      assert(await devices.start('camera'), 'the next start works');
    });

  it('tells a page without media devices as insecure', async () => {
    const hidden = new Devices({ mediaDevices: undefined });
    equal(await codeOf(hidden.start('camera')), 'insecure-page', 'code');
    equal((await hidden.list()).camera.length, 0, 'cameras');
    hidden.close();
  });

  it('takes the default where the chosen device is gone', async () => {
    const device = await devices.start('camera', 'unplugged-yesterday');
    assert(device && device.id !== 'unplugged-yesterday', 'another device');
    equal(media.asked.length, 2, 'requests');
  });

  for (const source of ['microphone', 'camera'] as const)
    for (const name of ['OverconstrainedError', 'NotFoundError', 'NotReadableError'])
      it(`takes the default where the ${source} that was chosen before answers with ${name}`, async () => {
        devices.remember(source, { id: 'of-yesterday', label: '' });
        const asked = (constraints: MediaStreamConstraints) =>
          (constraints[source === 'camera' ? 'video' : 'audio'] as MediaTrackConstraints).deviceId;
        media.before = (constraints) => {
          if (asked(constraints)) fail(name)();
        };
        assert(await devices.start(source), 'another device');
        equal(JSON.stringify(media.asked.map(asked)), '[{"exact":"of-yesterday"},null]', 'requests');
        equal(media.lights, 1, 'lights');
      });

  it('says that the other device is busy, and takes none in its place, where one was open', async () => {
    await devices.start('camera');
    media.before = fail('NotReadableError');
    equal(await codeOf(devices.start('camera', 'in-another-app')), 'device-busy', 'code');
    equal(media.asked.length, 3, 'requests: the first, the other, and the other again');
  });

  it('opens the other device before it lets go of the first', async () => {
    await devices.start('camera');
    const first = devices.track('camera')!;
    media.before = () => equal(first.readyState, 'live', 'the first while the other opens');
    await devices.start('camera', first.getSettings().deviceId);
    assert(devices.track('camera') !== first, 'another track');
    equal(first.readyState, 'ended', 'the first');
    equal(media.lights, 1, 'lights');
  });

  // As Firefox does with microphones; what measures the level must not hold one either.
  for (const source of ['camera', 'microphone'] as const)
    it(`lets go of its own ${source} where that is what keeps the other busy`, async () => {
      const clones = watchClones();
      const device = await devices.start(source);
      devices.level();
      media.before = () => {
        const isOpen = media.lights > 0 || clones.some(({ readyState }) => readyState === 'live');
        if (isOpen) fail('NotReadableError')();
      };
      assert(await devices.start(source, device!.id), 'the next');
      equal(media.lights, 1, 'lights');
      equal(devices.track(source)?.readyState, 'live', 'track');
    });

  // As on iOS, where a page has one capture of a kind.
  it('goes on with the other device where that ends the first by itself', async () => {
    await devices.start('microphone');
    const first = devices.track('microphone')!;
    media.before = () => {
      first.stop();
      first.dispatchEvent(new Event('ended'));
    };
    assert(await devices.start('microphone'), 'the other device');
    assert(devices.track('microphone') !== first, 'another track');
    equal(devices.track('microphone')?.readyState, 'live', 'track');
    equal(media.lights, 1, 'lights');
  });

  it('releases what a start that was overtaken by a stop still gets', async () => {
    const { promise: answered, resolve: answer } = Promise.withResolvers<void>();
    media.before = () => answered;
    const start = devices.start('camera');
    devices.stop('camera');
    equal(await start, undefined, 'the start ends while the browser still asks');
    answer();
    while (media.opened.length === 0) await new Promise((resolve) => requestAnimationFrame(resolve));
    await new Promise((resolve) => requestAnimationFrame(resolve));
    equal(media.lights, 0, 'lights');
    equal(devices.track('camera'), undefined, 'track');
  });

  it('keeps the last of two starts, whichever the browser answers first', async () => {
    const { promise: answered, resolve: answer } = Promise.withResolvers<void>();
    media.before = () => (media.asked.length === 1 ? answered : undefined);
    const first = devices.start('camera');
    const second = await devices.start('camera');
    const track = devices.track('camera');
    answer();
    equal(await first, undefined, 'the first');
    while (media.opened.length < 2) await new Promise((resolve) => requestAnimationFrame(resolve));
    await new Promise((resolve) => requestAnimationFrame(resolve));
    assert(second && devices.track('camera') === track, 'the second');
    equal(media.lights, 1, 'lights');
  });

  it('tells of a device that ends by itself', async () => {
    await devices.start('camera');
    devices.track('camera')!.dispatchEvent(new Event('ended'));
    equal(JSON.stringify(events), '[{"type":"ended","source":"camera"}]', 'events');
    equal(devices.track('camera'), undefined, 'track');
  });

  it('counts what the system silences as muted', async () => {
    await devices.start('microphone');
    const track = devices.track('microphone')!;
    let changes = 0;
    devices.subscribeTracks(() => changes++);
    Object.defineProperty(track, 'muted', { value: true });
    track.dispatchEvent(new Event('mute'));
    assert(devices.isMuted('microphone'), 'muted');
    equal(changes, 1, 'changes told');
  });

  it('shares a screen with its sound, until the browser ends it', async () => {
    await devices.start('screen');
    assert(devices.track('screen') && devices.track('screen-audio'), 'picture and sound');
    equal(devices.track('screen')!.contentHint, 'detail', 'content hint');
    devices.track('screen')!.dispatchEvent(new Event('ended'));
    equal(JSON.stringify(events), '[{"type":"ended","source":"screen"}]', 'events');
    equal(devices.track('screen') ?? devices.track('screen-audio'), undefined, 'tracks');
    equal(media.lights, 0, 'lights');
  });

  it('takes a closed screen picker as no error, and a refusal by the system as one', async () => {
    media.before = fail('NotAllowedError');
    equal(await devices.start('screen'), undefined, 'closed picker');
    media.before = () => {
      throw new DOMException('Permission denied by system', 'NotAllowedError');
    };
    equal(await codeOf(devices.start('screen')), 'device-denied', 'code');
  });

  it('releases a screen that was picked after the stop', async () => {
    const { promise: picked, resolve: pick } = Promise.withResolvers<void>();
    media.before = () => picked;
    const start = devices.start('screen');
    devices.stop('screen');
    pick();
    equal(await start, undefined, 'the start');
    equal(media.lights, 0, 'lights');
  });

  it('lists what can be chosen, and opens what was remembered', async () => {
    await devices.start('microphone');
    const { microphone, camera } = await devices.list();
    assert(microphone.length > 1, 'the fake microphones');
    assert(
      camera.every(({ id, label }) => id !== '' && label !== ''),
      'ids and labels',
    );
    const chosen = microphone.at(-1)!;
    devices.remember('microphone', chosen);

    const later = new Devices({ mediaDevices: media as unknown as MediaDevices });
    await later.list();
    equal(later.preferred('microphone'), chosen.id, 'remembered');
    const device = await later.start('microphone');
    equal(device?.id, chosen.id, 'opened');
    later.close();
  });

  it('tells when a device is plugged in, until it is closed', () => {
    media.dispatchEvent(new Event('devicechange'));
    equal(JSON.stringify(events), '[{"type":"list-changed"}]', 'events');
    devices.close();
    devices.subscribe((event) => events.push(event));
    media.dispatchEvent(new Event('devicechange'));
    equal(events.length, 1, 'events after close');
  });

  describe('with an effect of the page', () => {
    const withEffect = (process: NonNullable<ConstructorParameters<typeof Devices>[0]['process']>) => {
      devices.close();
      devices = new Devices({ mediaDevices: media as unknown as MediaDevices, process });
    };
    const drawn = () => document.createElement('canvas').captureStream().getVideoTracks()[0]!;

    it('uses the track it gives, tells the device behind it, and stops both', async () => {
      const effect = drawn();
      const seen: string[] = [];
      withEffect((track, source) => {
        seen.push(`${source} ${track.kind}`);
        return source === 'camera' ? Promise.resolve(effect) : track;
      });
      const device = await devices.start('camera');
      await devices.start('microphone');
      equal(seen.join(), 'camera video,microphone audio', 'what the effect saw');
      equal(devices.track('camera'), effect, 'the track in use');
      equal(devices.track('microphone'), media.opened[1], 'without an effect the device itself');
      equal(device?.label, media.opened[0]!.label, 'the device');
      devices.stop('camera');
      equal(`${media.opened[0]!.readyState} ${effect.readyState}`, 'ended ended', 'after the stop');
    });

    it('measures what the effect makes of the microphone, muted too', async () => {
      const context = new AudioContext();
      const destination = context.createMediaStreamDestination();
      const tone = new OscillatorNode(context);
      tone.connect(destination);
      tone.start();
      const [voice] = destination.stream.getAudioTracks();
      withEffect(() => voice!);
      await devices.start('microphone');
      devices.setMuted(true);
      // A full tone; the fake microphone's beep is not half as loud.
      while (devices.level() < 0.6) await new Promise((tick) => setTimeout(tick, 20));
      equal(voice!.enabled, false, 'what is sent');
      await context.close();
    });

    it('opens nothing where the effect fails: it may be there to hide something', async () => {
      withEffect(() => Promise.reject(new Error('no model')));
      equal(await codeOf(devices.start('camera')), 'device-failed', 'the code');
      equal(devices.track('camera'), undefined, 'the track in use');
      equal(media.lights, 0, 'lights');
    });

    it('leaves no light on where the stop comes while the effect is made', async () => {
      const { promise, resolve } = Promise.withResolvers<MediaStreamTrack>();
      const effect = drawn();
      withEffect(() => promise);
      const starting = devices.start('camera');
      while (media.lights === 0) await new Promise((tick) => setTimeout(tick, 5));
      devices.stop('camera');
      resolve(effect);
      equal(await starting, undefined, 'the start');
      while (media.lights > 0) await new Promise((tick) => setTimeout(tick, 5));
      equal(effect.readyState, 'ended', 'the effect');
    });
  });
});
