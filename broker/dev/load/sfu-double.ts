import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Answers the SFU's calls at once, with as little work as can be, and counts what it has open. */
export interface SfuDouble {
  /** The value of `REALTIME_API_URL`. */
  url: string;
  sessionsCreated: number;
  /** Sections in use, each as `session/mid`. */
  open: Set<string>;
  /** Before each answer, with the operation: `sessions/new`, `tracks/new`, `tracks/close` … */
  before: (operation: string) => Promise<void> | void;
  stop(): Promise<void>;
}

const ANSWER_SDP = 'v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n';

export async function startSfuDouble(): Promise<SfuDouble> {
  const server = createServer((request, response) => {
    let text = '';
    request.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
    request.on('end', () => void answer(request.url ?? '', text, response));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const double: SfuDouble = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    sessionsCreated: 0,
    open: new Set(),
    before: () => undefined,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return double;

  async function answer(url: string, text: string, response: ServerResponse): Promise<void> {
    const [, session = '', operation = ''] = /\/sessions\/(?:(?!new)([^/]+)\/?)?(.*)$/.exec(url) ?? [];
    await double.before(session ? operation : `sessions/${operation}`);
    response.setHeader('content-type', 'application/json');
    if (!session) {
      double.sessionsCreated += 1;
      response.statusCode = 201;
      return void response.end(JSON.stringify({ sessionId: `sfu-session-${double.sessionsCreated}` }));
    }
    const { tracks = [] } = text === '' ? {} : (JSON.parse(text) as { tracks?: { mid: string; trackName?: string }[] });
    for (const { mid } of tracks)
      if (operation === 'tracks/new') double.open.add(`${session}/${mid}`);
      else if (operation === 'tracks/close') double.open.delete(`${session}/${mid}`);
    const results = tracks.map(({ mid, trackName }) => ({ mid, trackName }));
    const description = operation === 'tracks/new' && { sessionDescription: { type: 'answer', sdp: ANSWER_SDP } };
    response.end(JSON.stringify({ requiresImmediateRenegotiation: false, tracks: results, ...description }));
  }
}
