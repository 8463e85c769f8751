import { setTimeout as wait } from 'node:timers/promises';
import { PROTOCOL_VERSION, type ClientMessage, type JoinResponse, type LiveTrack } from '#protocol';
import { SyntheticClient } from '../../../broker/dev/sfu/load/synthetic-client.ts';
import type { StreamPlan } from '../../../broker/dev/sfu/load/synthetic-stream.ts';
import { bitsPerSecond, type Clip } from './record-clip.ts';
import type { Stage } from './stage.ts';

const PUMP_INTERVAL_MS = 5;
const PING_INTERVAL_MS = 10_000;
const CONNECT_MS = 8_000;
const ATTEMPTS_MAX = 3;
const MICROPHONE: StreamPlan = { kind: 'audio', trackName: 'microphone', bitsPerSecond: 24_000, framesPerSecond: 50 };

/** Somebody in a room without a browser, who sends a sound and a picture that a browser can show. */
export class SyntheticMember {
  readonly name: string;
  readonly #media: SyntheticClient;
  readonly #socket: WebSocket;
  readonly #tracks: LiveTrack[];
  readonly #timers: NodeJS.Timeout[];

  private constructor(name: string, media: SyntheticClient, socket: WebSocket, rids: string[]) {
    this.name = name;
    this.#media = media;
    this.#socket = socket;
    this.#tracks = [
      { trackName: 'microphone', source: 'microphone', muted: false, rids: [] },
      { trackName: 'camera', source: 'camera', muted: false, rids },
    ];
    this.#timers = [
      setInterval(() => media.pump(performance.now()), PUMP_INTERVAL_MS),
      setInterval(() => socket.send('ping'), PING_INTERVAL_MS),
    ];
  }

  /** Takes a seat and sends: a clip, or one for each layer. Nobody hears of the tracks before {@link show}. */
  static async join(stage: Stage, room: string, name: string, ...clips: Clip[]): Promise<SyntheticMember> {
    const base = `${stage.brokerUrl}/rooms/${room}`;
    const { memberSecret, ticket } = await joinRoom(base, await stage.token(room, { name }));
    const socket = new WebSocket(`${base.replace(/^http/, 'ws')}/socket`, ['realtime-call.v1', `ticket.${ticket}`]);
    const [media] = await Promise.all([connect(base, memberSecret, clips), opened(socket)]);
    const rids = clips.flatMap(({ rid }) => rid ?? []);
    return new SyntheticMember(name, media, socket, rids);
  }

  /** Announces both tracks. */
  show(): void {
    this.#say({ type: 'tracks', sessionId: this.#media.sessionId, tracks: this.#tracks });
  }

  /** Announces no tracks, and goes on sending. */
  hide(): void {
    this.#say({ type: 'tracks', sessionId: this.#media.sessionId, tracks: [] });
  }

  leave(): void {
    for (const timer of this.#timers) clearInterval(timer);
    this.#say({ type: 'leave', mayReturn: false });
    this.#media.close();
  }

  #say(message: ClientMessage): void {
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(message));
  }
}

/** So many members who show themselves. */
export async function fillRoom(
  stage: Stage,
  room: string,
  count: number,
  ...clips: Clip[]
): Promise<SyntheticMember[]> {
  const members: SyntheticMember[] = [];
  // A few at a time: of more handshakes at once some would time out.
  while (members.length < count) {
    const names = Array.from(
      { length: Math.min(8, count - members.length) },
      (_, i) => `Guest ${members.length + i + 1}`,
    );
    members.push(...(await Promise.all(names.map((name) => SyntheticMember.join(stage, room, name, ...clips)))));
  }
  for (const member of members) member.show();
  return members;
}

async function joinRoom(base: string, token: string): Promise<JoinResponse> {
  const response = await fetch(`${base}/join`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}` },
    body: JSON.stringify({ protocol: PROTOCOL_VERSION }),
  });
  if (!response.ok) throw new Error(`join answered ${response.status}: ${await response.text()}`);
  return (await response.json()) as JoinResponse;
}

/** About one in a thousand of the engine's handshakes never ends: then once more. */
async function connect(base: string, memberSecret: string, clips: readonly Clip[]): Promise<SyntheticClient> {
  const camera = clips.map((clip): StreamPlan => ({
    ...clip,
    kind: 'video',
    trackName: 'camera',
    bitsPerSecond: bitsPerSecond(clip),
  }));
  for (let attempt = 1; ; attempt++) {
    const media = await SyntheticClient.open({ appUrl: base, appToken: memberSecret });
    await media.publish([MICROPHONE, ...camera]);
    const late = wait(CONNECT_MS, 'late', { ref: false });
    if ((await Promise.race([media.connected.catch(() => 'failed'), late])) === undefined) return media;
    media.close();
    if (attempt === ATTEMPTS_MAX) throw new Error('a synthetic member did not connect');
  }
}

function opened(socket: WebSocket): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.addEventListener('open', () => {
      const hello: ClientMessage = { type: 'hello', protocol: PROTOCOL_VERSION, epoch: '', rev: 0 };
      socket.send(JSON.stringify(hello));
      resolve();
    });
    socket.addEventListener('close', ({ code }) => reject(new Error(`the socket closed with ${code}`)));
  });
}
