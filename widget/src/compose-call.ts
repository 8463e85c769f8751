import { Call } from './call/call.ts';
import { Devices, type ProcessTrack } from './devices/devices.ts';
import { createMediaView } from './media-view.ts';
import { BrokerRoom } from './room/broker-room.ts';
import { onNetworkChange, onPageWake } from './room/page-wake.ts';
import { TabMemory } from './room/tab-memory.ts';
import { TokenSource, type TokenNeed } from './room/token-source.ts';
import { SfuEngine } from './sfu/sfu-engine.ts';
import { systemClock } from './system-clock.ts';
import type { CallView } from './call/view.ts';

/** What the ports read of the tag whenever they need it. */
export interface CallTag {
  room: string;
  /** Absolute, without a slash at its end. */
  broker: string;
  token: string;
  /** Absolute, or empty. */
  tokenUrl: string;
}

/** What a page may do beyond attributes. */
export interface PageHooks {
  processTrack: ProcessTrack | undefined;
}

export interface ComposedCall {
  call: Call;
  view: CallView;
  close(): void;
}

/** One visitor in one tab, however many calls are on the page. */
export const tabMemory = new TabMemory({
  storage: readBlockable(() => window.sessionStorage),
  locks: readBlockable(() => navigator.locks),
  newId: () => crypto.randomUUID(),
});

/** A call on the real ports: a broker, WebRTC and this machine's devices. */
export function composeCall(
  tag: () => CallTag & PageHooks,
  askPage: (need: TokenNeed) => Promise<string> | undefined,
): ComposedCall {
  const clock = systemClock;
  const fetch: typeof globalThis.fetch = (input, init) => globalThis.fetch(input, init);
  const tokens = new TokenSource({ settings: tag, askPage, guestId: () => tabMemory.guestId(), fetch, clock });
  const room = new BrokerRoom({
    settings: tag,
    tokens,
    memory: tabMemory,
    fetch,
    openSocket: (url, protocols) => new WebSocket(url, protocols),
    onWake: onPageWake,
    isHidden: () => document.hidden,
    clock,
    random: Math.random,
  });
  const devices = new Devices({
    mediaDevices: navigator.mediaDevices,
    process: (track, source) => tag().processTrack?.(track, source) ?? track,
  });
  const sfu = new SfuEngine({ clock, localMedia: devices });
  const call = new Call({ room, sfu, devices, clock });
  const unsubscribe = onNetworkChange(() => sfu.wake());
  return {
    call,
    view: {
      get state() {
        return call.state;
      },
      subscribe: (listener) => call.subscribe(listener),
      media: createMediaView(devices, sfu),
    },
    close() {
      unsubscribe();
      call.close();
      devices.close();
    },
  };
}

/** Undefined where the browser has none, or forbids to touch it. */
function readBlockable<T>(read: () => T): T | undefined {
  try {
    return read() ?? undefined;
  } catch {
    return undefined;
  }
}
