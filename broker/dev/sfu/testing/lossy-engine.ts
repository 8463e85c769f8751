import { isRtcp } from '../rtp/rtp-packet.ts';
import { startDatachannelEngine } from '../transport/datachannel-engine.ts';
import type { Engine, RawTransport } from '../transport/raw-transport.ts';

/** Drops every n-th media packet of each direction of each transport: loss that is the same in every run. */
export async function startLossyEngine(address: string, every: number): Promise<Engine> {
  const engine = await startDatachannelEngine(address);
  return { ...engine, newTransport: (sessionId) => loseSome(engine.newTransport(sessionId), every) };
}

function loseSome(transport: RawTransport, every: number): RawTransport {
  const passes = (): ((packet: Buffer) => boolean) => {
    let count = 0;
    return (packet) => isRtcp(packet) || ++count % every !== 0;
  };
  const passesUp = passes();
  const passesDown = passes();
  const send = transport.send.bind(transport);
  transport.send = (packet) => {
    if (passesDown(packet)) send(packet);
  };
  return new Proxy(transport, {
    set(target, key, value) {
      if (key !== 'onPacket') return Reflect.set(target, key, value);
      target.onPacket = (packet) => {
        if (passesUp(packet)) (value as RawTransport['onPacket'])(packet);
      };
      return true;
    },
    get(target, key) {
      const value: unknown = Reflect.get(target, key);
      return typeof value === 'function' ? (value as (...rest: unknown[]) => unknown).bind(target) : value;
    },
  });
}
