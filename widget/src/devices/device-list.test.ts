import { describe, expect, it } from 'vitest';
import { readDeviceList } from './device-list.ts';

const info = (kind: MediaDeviceKind, deviceId: string, label: string) => ({ kind, deviceId, label }) as MediaDeviceInfo;

describe('readDeviceList', () => {
  it('sorts devices by what they are for', () => {
    const infos = [info('audioinput', 'a', 'Ear'), info('audiooutput', 'b', 'Loud'), info('videoinput', 'c', 'Eye')];
    expect(readDeviceList(infos)).toEqual({
      microphone: [{ id: 'a', label: 'Ear' }],
      camera: [{ id: 'c', label: 'Eye' }],
      speaker: [{ id: 'b', label: 'Loud' }],
    });
  });

  it('offers neither nameless devices before a permission nor the same device twice', () => {
    const infos = [
      info('audioinput', '', ''),
      info('audioinput', 'communications', 'Ear'),
      info('audioinput', 'a', 'Ear'),
    ];
    expect(readDeviceList(infos).microphone).toEqual([{ id: 'a', label: 'Ear' }]);
  });
});
