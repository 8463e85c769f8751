import type { RawChannel } from '../transport/raw-transport.ts';

/** The API's word for how a channel stands; `active` does not say that messages arrive. */
export type ChannelStatus = 'initializing' | 'active' | 'inactive';

export function channelStatus({ state }: RawChannel): ChannelStatus {
  return ({ connecting: 'initializing', open: 'active', closed: 'inactive' } as const)[state];
}
