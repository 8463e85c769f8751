import type { SocketLike } from '../room/room-socket.ts';

/** A WebSocket whose other end is a test. */
export class FakeSocket extends EventTarget implements SocketLike {
  readonly url: string;
  readonly protocols: readonly string[];
  /** Every text sent, pings included. */
  readonly sent: string[] = [];
  /** As of a WebSocket: 1 is open, 2 is closing. */
  readyState: SocketLike['readyState'] = 1;
  /** The code it was closed with here; undefined while it is open. */
  closedWith: number | undefined;

  constructor(url: string, protocols: readonly string[]) {
    super();
    this.url = url;
    this.protocols = protocols;
  }

  send(data: string): void {
    this.sent.push(data);
  }

  close(code = 1005): void {
    this.closedWith ??= code;
  }

  /** The messages sent, pings left out. */
  get messages(): unknown[] {
    return this.sent.filter((text) => text !== 'ping').map((text) => JSON.parse(text) as unknown);
  }

  accept(): void {
    this.dispatchEvent(new Event('open'));
  }

  say(message: unknown): void {
    const data = typeof message === 'string' ? message : JSON.stringify(message);
    this.dispatchEvent(new MessageEvent('message', { data }));
  }

  /** The other end, or the network, closes it. */
  end(code: number): void {
    this.dispatchEvent(Object.assign(new Event('close'), { code }));
  }
}
