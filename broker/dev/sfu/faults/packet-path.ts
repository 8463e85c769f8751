import type { FaultBoard } from './fault-board.ts';

type Deliver = (packet: Buffer) => void;

interface Delayed {
  packet: Buffer;
  due: number;
  deliver: Deliver;
}

/** One direction of one client's packets, with the troubles that the board has for it. */
export class PacketPath {
  passed = 0;
  lost = 0;
  readonly #board: FaultBoard;
  readonly #sessionId: string;
  readonly #direction: 'up' | 'down';
  readonly #delayed: Delayed[] = [];
  #timer: NodeJS.Timeout | undefined;
  #isBroken = false;

  constructor(board: FaultBoard, sessionId: string, direction: 'up' | 'down') {
    this.#board = board;
    this.#sessionId = sessionId;
    this.#direction = direction;
  }

  /** Hands the packet on: now, later as a copy, or never. */
  pass(packet: Buffer, deliver: Deliver): void {
    if (this.#isBroken) return;
    const delay = this.#trouble();
    if (delay === undefined) {
      this.lost += 1;
      return;
    }
    this.passed += 1;
    // Behind one that still waits: a shorter delay does not overtake.
    if (delay === 0 && this.#delayed.length === 0) return deliver(packet);
    const due = Math.max(performance.now() + delay, this.#delayed.at(-1)?.due ?? 0);
    this.#delayed.push({ packet: Buffer.from(packet), due, deliver });
    this.#timer ??= this.#wake();
  }

  /** Nothing passes any more, nor what is on its way. */
  break(): void {
    this.#isBroken = true;
    this.#delayed.length = 0;
    clearTimeout(this.#timer);
  }

  /** Milliseconds of delay; undefined where the packet is lost. */
  #trouble(): number | undefined {
    let delay = 0;
    for (const { fault, random, struck } of this.#board.packetTroubles) {
      if (fault.sessionId !== undefined && fault.sessionId !== this.#sessionId) continue;
      if (fault.direction !== undefined && fault.direction !== this.#direction) continue;
      if (fault.type === 'latency') delay += fault.ms;
      else if (random() >= fault.share) continue;
      struck();
      if (fault.type === 'loss') return undefined;
    }
    return delay;
  }

  #wake(): NodeJS.Timeout {
    return setTimeout(() => this.#deliverDue(), Math.max(0, this.#delayed[0]!.due - performance.now()));
  }

  #deliverDue(): void {
    const now = performance.now();
    while (this.#delayed.length > 0 && this.#delayed[0]!.due <= now) {
      const { packet, deliver } = this.#delayed.shift()!;
      deliver(packet);
    }
    this.#timer = this.#delayed.length > 0 ? this.#wake() : undefined;
  }
}
