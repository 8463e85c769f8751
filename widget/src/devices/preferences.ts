import { parseObject, parseString } from '#protocol';
import type { Device, DeviceKind } from '../call/state.ts';

/** Of an id or a name. */
const LENGTH_MAX = 1_000;
const parseDevice = parseObject<Device>({ id: parseString(LENGTH_MAX), label: parseString(LENGTH_MAX) });
const KEY_PREFIX = 'realtime-call.';

/** Remembered choices of devices: by id, and by name where the browser gives out new ids. Nothing is lost where storage is blocked but the memory. */
export class Preferences {
  readonly #storage: Storage | undefined;
  /** Holds for this page where storage does not. */
  readonly #chosen = new Map<DeviceKind, Device>();

  constructor(storage: Storage | undefined) {
    this.#storage = storage;
  }

  remember(kind: DeviceKind, device: Device): void {
    this.#chosen.set(kind, device);
    try {
      this.#storage?.setItem(KEY_PREFIX + kind, JSON.stringify(device));
    } catch {
      // Full, or blocked by the person's settings.
    }
  }

  /** The id of the remembered device among those present; empty where there is none. */
  find(kind: DeviceKind, present: readonly Device[]): string {
    const chosen = this.#chosen.get(kind) ?? this.#read(kind);
    if (!chosen) return '';
    // Before the first permission nothing is listed: the id may still be good.
    if (present.length === 0) return chosen.id;
    const byId = present.find(({ id }) => id === chosen.id);
    const byLabel = present.find(({ label }) => label !== '' && label === chosen.label);
    return (byId ?? byLabel)?.id ?? '';
  }

  #read(kind: DeviceKind): Device | undefined {
    try {
      return parseDevice(JSON.parse(this.#storage?.getItem(KEY_PREFIX + kind) ?? ''));
    } catch {
      // Nothing is there, it is blocked, or was written by something else.
      return undefined;
    }
  }
}

/** The page's storage; undefined where even looking at it throws. */
export function pageStorage(): Storage | undefined {
  try {
    return globalThis.localStorage;
  } catch {
    return undefined;
  }
}
