import type { Devices } from './devices/devices.ts';
import type { SfuEngine } from './sfu/sfu-engine.ts';
import type { MediaView } from './call/view.ts';

/** What the interface sees and hears: my own captures from the devices, everybody else from the SFU. */
export function createMediaView(devices: Devices, sfu: SfuEngine): MediaView {
  return {
    stream: (participantId, source) =>
      participantId === 'self' ? devices.stream(source) : sfu.stream(participantId, source),
    level: (participantId) => (participantId === 'self' ? devices.level() : sfu.level(participantId)),
    get sounds() {
      return sfu.sounds;
    },
    subscribe(listener) {
      const unsubscribes = [devices.subscribeTracks(listener), sfu.subscribeStreams(listener)];
      return () => {
        for (const unsubscribe of unsubscribes) unsubscribe();
      };
    },
  };
}
