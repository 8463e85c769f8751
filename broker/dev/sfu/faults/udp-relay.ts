import { createSocket, type Socket, type SocketOptions } from 'node:dgram';

/** Whether a packet comes through. */
export type Gate = () => boolean;

/** Addresses are numbers already: with this a socket binds, and sends, without waiting for a look-up. */
const OPTIONS: SocketOptions = { type: 'udp4', lookup: (host, _options, done) => done(null, host, 4) };
const EVERY_ADDRESS = '0.0.0.0';

interface Candidate {
  address: string;
  port: number;
}

/**
 * A way of one session's own between its client and the engine, for packets of every kind: STUN, DTLS, SRTP. The engine
 * answers STUN by itself, so only here can a path go dark. The client is told of the relay's port instead of the engine's.
 */
export class UdpRelay {
  /** Values of the `a=candidate` lines that lead here. */
  readonly candidates: readonly string[];

  readonly #gate: Gate;
  readonly #engine: Candidate;
  readonly #front: Socket;
  /** The engine tells clients apart by where they send from, so each of a client's addresses has a socket of its own. */
  readonly #backs = new Map<string, Socket>();

  constructor(engineCandidates: readonly string[], gate: Gate) {
    const targets = engineCandidates.map(parseCandidate);
    const [engine] = targets;
    if (!engine) throw new Error('The engine has no address.');
    this.#engine = engine;
    this.#gate = gate;
    this.#front = openSocket();
    this.#front.bind({ port: 0, address: targets.length === 1 ? engine.address : EVERY_ADDRESS, exclusive: true });
    this.#front.on('message', (packet, { address, port }) => {
      if (gate()) this.#backOf(address, port).send(packet, engine.port, engine.address);
    });
    const { port } = this.#front.address();
    this.candidates = engineCandidates.map((candidate) => candidate.replace(` ${engine.port} typ `, ` ${port} typ `));
  }

  close(): void {
    this.#front.close();
    for (const back of this.#backs.values()) back.close();
    this.#backs.clear();
  }

  #backOf(address: string, port: number): Socket {
    const key = `${address}:${port}`;
    const known = this.#backs.get(key);
    if (known) return known;
    const back = openSocket();
    back.bind({ port: 0, address: this.#engine.address, exclusive: true });
    back.on('message', (packet) => {
      if (this.#gate()) this.#front.send(packet, port, address);
    });
    this.#backs.set(key, back);
    return back;
  }
}

/** One that keeps no process alive. */
function openSocket(): Socket {
  const socket = createSocket(OPTIONS);
  // The other side is gone; so is the packet.
  socket.on('error', () => {});
  return socket.unref();
}

function parseCandidate(candidate: string): Candidate {
  const [, address = '', port = ''] = / (\S+) (\d+) typ host$/.exec(candidate) ?? [];
  return { address, port: Number(port) };
}
