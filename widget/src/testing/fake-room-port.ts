import type { ClientMessage, JoinResponse, PrepareResponse, ServerMessage, SessionDescription } from '#protocol';
import type { CallError } from '../call/errors.ts';
import type { RoomPort, SfuApi, SocketEvent, TokenHint } from '../call/ports.ts';

type JoinArguments = Parameters<RoomPort['join']>;

/** A join that waits for the test to answer it. */
export interface PendingJoin {
  request: JoinArguments[0];
  signal: JoinArguments[1];
  accept(joined: JoinResponse): void;
  refuse(error: CallError): void;
}

/** A broker in the hands of a test. */
export class FakeRoomPort implements RoomPort {
  readonly joins: PendingJoin[] = [];
  readonly announced: ClientMessage[] = [];
  readonly resyncs: { epoch: string; rev: number }[] = [];
  /** The `mayReturn` of every time it was left. */
  readonly leaves: boolean[] = [];
  readonly sfu = {} as SfuApi;
  hint: TokenHint | CallError = {};
  tokenReads = 0;
  /** The offers of every preparation. */
  readonly preparations: string[][] = [];
  prepareError: Error | undefined;
  /** The listener of every socket there was; whether they are still listened to is not the port's affair. */
  readonly sockets: ((event: SocketEvent) => void)[] = [];
  isConnected = false;

  get lastJoin(): PendingJoin {
    return this.joins.at(-1)!;
  }

  async readToken(): Promise<TokenHint> {
    this.tokenReads += 1;
    if (this.hint instanceof Error) throw this.hint;
    return this.hint;
  }

  async prepare(offers: SessionDescription[]): Promise<PrepareResponse> {
    this.preparations.push(offers.map(({ sdp }) => sdp));
    if (this.prepareError) throw this.prepareError;
    const sessions = offers.map(({ sdp }) => ({
      prepared: `${sdp}-${this.preparations.length}`,
      sessionDescription: { type: 'answer' as const, sdp },
    }));
    return { sessions, iceServers: [] };
  }

  join(request: JoinArguments[0], signal: JoinArguments[1]): Promise<JoinResponse> {
    const { promise, resolve, reject } = Promise.withResolvers<JoinResponse>();
    this.joins.push({ request, signal, accept: resolve, refuse: reject });
    return promise;
  }

  connect(_joined: JoinResponse, listener: (event: SocketEvent) => void): void {
    this.sockets.push(listener);
    this.isConnected = true;
  }

  send(message: ClientMessage): void {
    this.announced.push(message);
  }

  resync(epoch: string, rev: number): void {
    this.resyncs.push({ epoch, rev });
  }

  leave(mayReturn: boolean): void {
    this.leaves.push(mayReturn);
    this.isConnected = false;
  }

  /** Something happens on the last socket. */
  emit(event: SocketEvent): void {
    this.sockets.at(-1)?.(event);
  }

  say(message: ServerMessage): void {
    this.emit({ type: 'message', message });
  }
}
