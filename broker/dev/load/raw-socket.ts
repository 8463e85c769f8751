import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { ACK_MESSAGES_MAX } from '#protocol';

export interface RawSocketOptions {
  port: number;
  path: string;
  protocols: readonly string[];
  /** Value of `Sec-WebSocket-Extensions`. */
  extensions?: string;
}

const OPCODE = { text: 1, binary: 2, close: 8 } as const;

/** A WebSocket on bare TCP, for what no library does: frames of any size and kind, and a reader that stops reading. Acknowledges what it reads. */
export class RawSocket {
  readonly tcp: Socket;
  /** What the server has agreed to. */
  readonly head: string;
  /** Resolves with the close code; 1006 where there was none. */
  readonly closed: Promise<number>;
  /** Bytes that have been read. */
  received = 0;
  /** Text messages that have come, complete ones. */
  readonly texts: string[] = [];
  #buffer = Buffer.alloc(0);
  #setClosed!: (code: number) => void;

  private constructor(tcp: Socket, head: string) {
    this.tcp = tcp;
    this.head = head;
    this.closed = new Promise((resolve) => (this.#setClosed = resolve));
    tcp.on('data', (bytes) => this.#read(bytes));
    tcp.on('error', () => undefined);
    tcp.on('close', () => this.#setClosed(1006));
  }

  static async open({ port, path, protocols, extensions }: RawSocketOptions): Promise<RawSocket> {
    const tcp = connect(port, '127.0.0.1');
    tcp.write(
      [
        `GET ${path} HTTP/1.1`,
        'Host: broker.test',
        'Connection: Upgrade',
        'Upgrade: websocket',
        'Sec-WebSocket-Version: 13',
        `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}`,
        `Sec-WebSocket-Protocol: ${protocols.join(', ')}`,
        ...(extensions ? [`Sec-WebSocket-Extensions: ${extensions}`] : []),
        '\r\n',
      ].join('\r\n'),
    );
    let bytes = Buffer.alloc(0);
    while (!bytes.includes('\r\n\r\n')) {
      const [more] = (await once(tcp, 'data')) as [Buffer];
      bytes = Buffer.concat([bytes, more]);
    }
    const end = bytes.indexOf('\r\n\r\n') + 4;
    const head = bytes.subarray(0, end).toString('latin1');
    if (!head.startsWith('HTTP/1.1 101')) throw new Error(head);
    const socket = new RawSocket(tcp, head);
    socket.#read(bytes.subarray(end));
    return socket;
  }

  say(message: object): void {
    this.send('text', Buffer.from(JSON.stringify(message)));
  }

  /** One frame, masked with zeros, which leaves what is sent as it is. `compressed` sets the bit of permessage-deflate. */
  send(type: 'text' | 'binary', payload: Buffer, compressed = false): void {
    const length =
      payload.length < 126
        ? Buffer.from([0x80 | payload.length])
        : payload.length < 65_536
          ? Buffer.from([0x80 | 126, payload.length >> 8, payload.length & 255])
          : longLength(payload.length);
    this.tcp.write(
      Buffer.concat([Buffer.from([0x80 | (compressed ? 0x40 : 0) | OPCODE[type]]), length, Buffer.alloc(4)]),
    );
    this.tcp.write(payload);
  }

  end(): void {
    this.tcp.destroy();
  }

  #take(text: string): void {
    this.texts.push(text);
    if (this.texts.length % ACK_MESSAGES_MAX === 0) this.say({ type: 'ack', received: this.texts.length });
  }

  #read(bytes: Buffer): void {
    this.received += bytes.length;
    this.#buffer = Buffer.concat([this.#buffer, bytes]);
    for (let frame = takeFrame(this.#buffer); frame; frame = takeFrame(this.#buffer)) {
      this.#buffer = this.#buffer.subarray(frame.end);
      if (frame.opcode === OPCODE.text) this.#take(frame.payload.toString());
      if (frame.opcode === OPCODE.close)
        this.#setClosed(frame.payload.length > 1 ? frame.payload.readUInt16BE(0) : 1005);
    }
  }
}

function longLength(length: number): Buffer {
  const bytes = Buffer.alloc(9);
  bytes[0] = 0x80 | 127;
  bytes.writeBigUInt64BE(BigInt(length), 1);
  return bytes;
}

/** A frame of a server is not masked. */
function takeFrame(bytes: Buffer): { opcode: number; payload: Buffer; end: number } | undefined {
  if (bytes.length < 2) return undefined;
  const short = bytes[1]! & 127;
  const head = short === 126 ? 4 : short === 127 ? 10 : 2;
  if (bytes.length < head) return undefined;
  const length = short === 126 ? bytes.readUInt16BE(2) : short === 127 ? Number(bytes.readBigUInt64BE(2)) : short;
  const end = head + length;
  return bytes.length < end ? undefined : { opcode: bytes[0]! & 15, payload: bytes.subarray(head, end), end };
}
