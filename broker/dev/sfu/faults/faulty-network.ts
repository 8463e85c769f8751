import type { Engine, RawChannel, RawTransport } from '../transport/raw-transport.ts';
import type { FaultBoard } from './fault-board.ts';
import { PacketPath } from './packet-path.ts';
import { UdpRelay } from './udp-relay.ts';

/** The engine says good-bye on threads of its own after it was closed. */
const FAREWELL_MS = 500;

/** The way between the SFU and one client. */
export interface Link {
  readonly up: PacketPath;
  readonly down: PacketPath;
  /** The SFU loses the client; the client does not notice. */
  kill(): void;
}

/** Stands between an engine and the sessions, and knows the link of each. */
export class FaultyNetwork {
  readonly #board: FaultBoard;
  readonly #links = new Map<string, Link>();
  /** By session. */
  readonly #relays = new Map<string, UdpRelay>();

  constructor(board: FaultBoard) {
    this.#board = board;
  }

  over(engine: Engine): Engine {
    return {
      ...engine,
      newTransport: (sessionId) => {
        const transport = this.#tap(engine.newTransport(sessionId), sessionId);
        if (this.#board.relays()) this.#relay(transport, sessionId);
        return transport;
      },
      close: async () => {
        await engine.close();
        for (const sessionId of this.#relays.keys()) this.#endRelay(sessionId);
      },
    };
  }

  link(sessionId: string): Link | undefined {
    return this.#links.get(sessionId);
  }

  /** The session's packets take a way of their own, which can go dark. */
  hasRelay(sessionId: string): boolean {
    return this.#relays.has(sessionId);
  }

  #relay(transport: RawTransport, sessionId: string): void {
    const relay = new UdpRelay(transport.candidates, () => !this.#board.darkens(sessionId));
    this.#relays.set(sessionId, relay);
    const close = transport.close.bind(transport);
    Object.assign(transport, {
      candidates: relay.candidates,
      close: () => {
        close();
        setTimeout(() => this.#endRelay(sessionId), FAREWELL_MS).unref();
      },
    });
  }

  #endRelay(sessionId: string): void {
    this.#relays.get(sessionId)?.close();
    this.#relays.delete(sessionId);
  }

  /** Changes the transport itself, so that all it can do beyond packets stays as it is. */
  #tap(transport: RawTransport, sessionId: string): RawTransport {
    const up = new PacketPath(this.#board, sessionId, 'up');
    const down = new PacketPath(this.#board, sessionId, 'down');
    const send = transport.send.bind(transport);
    transport.send = (packet) => down.pass(packet, send);

    let { onPacket, onState } = transport;
    let isKilled = false;
    Object.defineProperties(transport, {
      onPacket: {
        get: () => (packet: Buffer) => up.pass(packet, onPacket),
        set: (listener: RawTransport['onPacket']) => (onPacket = listener),
      },
      onState: {
        get: (): RawTransport['onState'] => (state) => isKilled || onState(state),
        set: (listener: RawTransport['onState']) => (onState = listener),
      },
    });

    const channels: RawChannel[] = [];
    const openChannel = transport.openChannel.bind(transport);
    transport.openChannel = (...details) => {
      const channel = openChannel(...details);
      channels.push(channel);
      return channel;
    };

    const close = transport.close.bind(transport);
    transport.close = () => {
      up.break();
      down.break();
      this.#links.delete(sessionId);
      close();
    };
    this.#links.set(sessionId, {
      up,
      down,
      kill() {
        if (isKilled) return;
        isKilled = true;
        up.break();
        down.break();
        for (const channel of channels) Object.assign(channel, { send() {}, onMessage() {}, onClose() {} });
        onState('lost');
      },
    });
    return transport;
  }
}
