/** One codec as one description numbers it, with its retransmission payload type where there is one. */
export interface Codec {
  payloadType: number;
  /** Lower case. */
  name: string;
  clockRate: number;
  channels: number;
  /** The `a=fmtp` value; empty where there is none. */
  parameters: string;
  feedback: readonly string[];
  retransmission?: number;
}

export type MediaKind = 'audio' | 'video';

/** What the SFU forwards, by kind. */
export const SUPPORTED_CODECS: Readonly<Record<MediaKind, readonly string[]>> = {
  audio: ['opus', 'pcmu', 'pcma'],
  video: ['vp8', 'vp9', 'h264', 'av1'],
};

/** Two descriptions of one codec have equal identities, however each numbers it. */
export function codecIdentity(codec: Pick<Codec, 'name' | 'clockRate' | 'parameters'>): string {
  return [codec.name, codec.clockRate, ...profile(codec)].join('/');
}

function profile({ name, parameters }: Pick<Codec, 'name' | 'parameters'>): string[] {
  if (name === 'vp9') return [parameter(parameters, 'profile-id') ?? '0'];
  if (name === 'h264')
    return [
      (parameter(parameters, 'profile-level-id') ?? '42e01f').slice(0, 4).toLowerCase(),
      parameter(parameters, 'packetization-mode') ?? '0',
    ];
  return [];
}

/** Reads one value out of an `a=fmtp` value. */
export function parameter(parameters: string, key: string): string | undefined {
  for (const entry of parameters.split(';')) {
    const [name, value] = entry.trim().split('=');
    if (name === key) return value;
  }
  return undefined;
}
