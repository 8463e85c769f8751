import type { ClientMessage } from '#protocol';
import type { CaptureSource, DeviceKind } from './state.ts';

/** What a host asks of the room, in the broker's own words. */
export type HostRequest = Extract<ClientMessage, { type: 'admit' | 'refuse' | 'mute' | 'remove' | 'lock' | 'end' }>;

/** What a person can ask for. Whether it came true is read from the state, never assumed. */
export type CallRequest =
  | { type: 'set-name'; name: string }
  /** Microphone: off in a call means muted, the device stays open. Camera and screen: off releases the device. */
  | { type: 'set-capture'; source: CaptureSource; on: boolean }
  | { type: 'choose-device'; kind: DeviceKind; id: string }
  /** Is about to join: what a join would wait for can be made ready. */
  | { type: 'approach' }
  | { type: 'join' }
  | { type: 'leave' }
  /** From `left` or `failed` back to the lobby, devices as they were. */
  | { type: 'return-to-lobby' }
  /** A gesture: play the sound the browser held back. */
  | { type: 'unblock-sound' }
  | { type: 'dismiss-notice' }
  | HostRequest;
