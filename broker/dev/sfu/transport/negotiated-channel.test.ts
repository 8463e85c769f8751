import type { DataChannelInitConfig, PeerConnection } from 'node-datachannel';
import { expect, test } from 'vitest';
import { NegotiatedChannel } from './negotiated-channel.ts';
import type { ChannelPolicy } from './raw-transport.ts';

/** The engine's own words for how to deliver, which no message that arrives betrays. */
test.each<[ChannelPolicy, DataChannelInitConfig]>([
  [{ ordered: true }, { unordered: false }],
  [
    { ordered: false, maxRetransmits: 0 },
    { unordered: true, maxRetransmits: 0 },
  ],
  [
    { ordered: true, maxPacketLifeTime: 50 },
    { unordered: false, maxPacketLifeTime: 50 },
  ],
])('%j is asked of the engine as %j', (policy, expected) => {
  const asked: unknown[] = [];
  const channel = { onMessage() {}, onClosed() {}, isOpen: () => true };
  const connection = {
    createDataChannel(_label: string, config: DataChannelInitConfig) {
      asked.push(config);
      return channel;
    },
  };
  new NegotiatedChannel(5, policy).openOn(connection as unknown as PeerConnection);
  expect(asked).toEqual([{ negotiated: true, id: 5, ...expected }]);
});
