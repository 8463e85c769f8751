import type { Device, DeviceKind } from '../call/state.ts';

export type DeviceLists = Readonly<Record<DeviceKind, readonly Device[]>>;

const KINDS: Readonly<Record<MediaDeviceKind, DeviceKind>> = {
  audioinput: 'microphone',
  videoinput: 'camera',
  audiooutput: 'speaker',
};
/** Windows' default for calls: the same device twice. */
const DUPLICATE_ID = 'communications';

/** What can be chosen. Before a permission the browser tells neither ids nor names, and there is nothing to choose. */
export function readDeviceList(infos: readonly MediaDeviceInfo[]): DeviceLists {
  const lists: Record<DeviceKind, Device[]> = { microphone: [], camera: [], speaker: [] };
  for (const { kind, deviceId, label } of infos) {
    if (deviceId === '' || deviceId === DUPLICATE_ID) continue;
    lists[KINDS[kind]].push({ id: deviceId, label });
  }
  return lists;
}
