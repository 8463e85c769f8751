import { setTimeout as wait } from 'node:timers/promises';
import { BODY_MAX_BYTES } from '#protocol';
import { describe, test } from 'vitest';
import type { BrowserClient } from '../testing/browser-client.ts';
import type { Callers } from './callers.ts';
import type { Target } from './target.ts';

const MINUTE_MS = 60_000;
const UNUSED_MAX_MS = 5 * MINUTE_MS;
const ANSWER_MAX_MS = MINUTE_MS;
const POLL_MS = 2_000;
const SECTIONS_MAX = 40;
/** Enough to meet one beep of a browser's made-up microphone, which is silent most of the time. */
const LEVEL_SAMPLES = 60;
const LEVEL_EVERY_MS = 30;

/** What nobody outside knows of the real SFU. Nothing is expected here: each answer is reported as it comes. */
export function describeOpenQuestions(target: () => Target, callers: () => Callers): void {
  const question = (text: string, ask: () => Promise<string>, timeout = 2 * MINUTE_MS): void => {
    test(text, { timeout }, async ({ task }) => {
      task.meta.answer = await ask();
    });
  };

  interface Answer {
    status: number;
    text: string;
  }

  async function call(method: string, path: string, body?: unknown, token = target().token): Promise<Answer> {
    const url = path.startsWith('http') ? path : target().api + path;
    const headers = { authorization: `Bearer ${token}`, 'user-agent': 'realtime-call' };
    const response = await fetch(url, { method, headers, ...(body !== undefined && { body: JSON.stringify(body) }) });
    return { status: response.status, text: (await response.text()).slice(0, 200) };
  }

  const newSession = async (): Promise<string> => {
    const { text } = await call('POST', '/sessions/new');
    return `/sessions/${(JSON.parse(text) as { sessionId: string }).sessionId}`;
  };

  /** Calls until the answer's status changes; what it becomes, and after how long. */
  async function untilChange(ask: () => Promise<Answer>, maxMs: number): Promise<string> {
    const start = performance.now();
    const first = await ask();
    for (;;) {
      await wait(POLL_MS);
      const seconds = Math.round((performance.now() - start) / 1000);
      const { status, text } = await ask();
      if (status !== first.status) return `${first.status}, then after ${seconds} s ${status} ${text}`;
      if (performance.now() - start > maxMs) return `still ${status} after ${seconds} s`;
    }
  }

  const lastSdp = async (client: BrowserClient): Promise<string> => {
    const found = (await client.exchanges()).flatMap(({ answer }) => {
      const { sessionDescription } = answer as { sessionDescription?: { sdp: string } };
      return sessionDescription?.sdp ?? [];
    });
    return found.at(-1) ?? '';
  };
  const lines = (sdp: string, prefix: string): string =>
    [...new Set(sdp.split('\r\n').filter((line) => line.startsWith(prefix)))].join(' | ');

  describe('open questions', () => {
    question(
      'How long does a session live that is never used?',
      async () => {
        const session = await newSession();
        return untilChange(() => call('GET', session), UNUSED_MAX_MS);
      },
      UNUSED_MAX_MS + MINUTE_MS,
    );

    question('How long may an answer take?', async () => {
      const publisher = await callers().publishCamera();
      const { client, mid } = await callers().subscribe(publisher);
      const track = { location: 'remote', sessionId: publisher.sessionId, trackName: 'camera' };
      await client.do('pull', [track], { answer: false });
      const update = { tracks: [{ ...track, mid }] };
      return untilChange(async () => {
        const { status, body } = await client.do('onSession', 'PUT', '/tracks/update', update);
        return { status, text: JSON.stringify(body) };
      }, ANSWER_MAX_MS);
    });

    question('How large may a body be?', async () => {
      const answers: string[] = [];
      for (const bytes of [64 * 1024, BODY_MAX_BYTES, 2 * 1024 * 1024, 8 * 1024 * 1024]) {
        const sdp = `v=0\r\na=x:${'x'.repeat(bytes)}\r\n`;
        const { status, text } = await call('POST', '/sessions/new', { sessionDescription: { type: 'offer', sdp } });
        answers.push(`${bytes}: ${status} ${text}`);
      }
      return answers.join(' | ');
    });

    question('What does a call too many get?', async () => {
      const session = await newSession();
      const answers = await Promise.all(Array.from({ length: 120 }, () => call('GET', session)));
      const refused = answers.filter(({ status }) => status !== 200);
      return refused[0]
        ? `${refused.length} of 120 refused, first ${refused[0].status} ${refused[0].text}`
        : 'none refused';
    });

    question('Which statuses do refusals have?', async () => {
      const session = await newSession();
      const remote = { location: 'remote', sessionId: 'f'.repeat(32), trackName: 'camera' };
      const asked: [string, Promise<Answer>][] = [
        ['wrong bearer', call('POST', '/sessions/new', undefined, 'wrong')],
        ['unknown app', call('POST', `${target().api}0/sessions/new`)],
        ['unknown session', call('GET', `/sessions/${'f'.repeat(32)}`)],
        ['65 tracks', call('POST', `${session}/tracks/new`, { tracks: Array.from({ length: 65 }, () => remote) })],
        ['both directions', call('POST', `${session}/tracks/new`, { tracks: [remote, { location: 'local' }] })],
        ['empty body', call('POST', `${session}/tracks/new`, {})],
      ];
      const answers = await Promise.all(
        asked.map(async ([name, answer]) => `${name}: ${(await answer).status} ${(await answer).text}`),
      );
      return answers.join(' | ');
    });

    question('Does the SFU use stopped sections again, and how many may there be?', async () => {
      const { sessionId } = await callers().publish([
        { name: 'microphone', source: 'microphone' },
        { name: 'camera', source: 'camera' },
      ]);
      const track = { sessionId, trackName: 'camera' };
      const { client } = await callers().newSession();
      // The first section stays: it carries the connection.
      await client.do('pull', [{ sessionId, trackName: 'microphone' }, track]);
      const count = async (): Promise<number> => (await lastSdp(client)).split('\r\nm=').length - 1;
      await client.do('close', ['1']);
      await client.do('pull', [track]);
      const afterClose = await count();
      for (let number = 0; number < SECTIONS_MAX; number++) {
        const { status, errorCode, tracks } = await client.do('pull', [track]);
        if (status !== 200 || tracks[0]?.errorCode)
          return `${afterClose} sections after a close; refused at ${await count()}: ${status} ${errorCode ?? tracks[0]?.errorCode}`;
      }
      return `${afterClose} sections after a close; ${await count()} were taken`;
    });

    question('What comes of an ICE restart?', async () => {
      const { client } = await callers().publishCamera();
      const before = lines(await lastSdp(client), 'a=ice-ufrag');
      const { status, errorCode } = await client.do('restartIce');
      const after = lines(await lastSdp(client), 'a=ice-ufrag');
      if (status !== 200) return `${status} ${errorCode}`;
      await client.do('flowing');
      return `accepted, the SFU's own credentials ${before === after ? 'stay' : 'change'}, packets flow`;
    });

    question('Does tracks/update go to another codec, and does a sound keep its stream?', async () => {
      const publisher = await callers().publish([
        { name: 'camera', source: 'camera' },
        { name: 'h264', source: 'camera', codec: 'video/H264' },
        { name: 'microphone', source: 'microphone' },
        { name: 'other', source: 'microphone' },
      ]);
      const { sessionId } = publisher;
      const { client } = await callers().newSession();
      await client.do('pull', [
        { sessionId, trackName: 'camera' },
        { sessionId, trackName: 'microphone' },
      ]);
      await client.do('play', '0');
      await client.do('play', '1');
      const before = await client.do<{ ssrc: number }>('received', '1');
      const update = (mid: string, trackName: string): object => ({ location: 'remote', sessionId, trackName, mid });
      const tracks = [update('0', 'h264'), update('1', 'other')];
      const { body } = await client.do('onSession', 'PUT', '/tracks/update', { tracks });
      await wait(POLL_MS);
      const after = await client.do<{ ssrc: number }>('received', '1');
      return `${JSON.stringify(body['tracks'])}; SSRC of the sound ${before.ssrc === after.ssrc ? 'stays' : 'changes'}`;
    });

    question('Which header extensions and candidates are there?', async () => {
      const publisher = await callers().publishCamera();
      const { client } = await callers().subscribe(publisher);
      const [up, down] = [await lastSdp(publisher.client), await lastSdp(client)];
      return `to a publisher: ${lines(up, 'a=extmap:')}; to a subscriber: ${lines(down, 'a=extmap:')}; ${lines(up, 'a=candidate')}`;
    });

    question('Do packets of sound tell how loud they are?', async () => {
      const { sessionId } = await callers().publish([{ name: 'microphone', source: 'microphone' }]);
      const { client } = await callers().newSession();
      await client.do('pull', [{ sessionId, trackName: 'microphone' }]);
      await client.do('play', '0');
      const levels: (number | null)[] = [];
      for (let sample = 0; sample < LEVEL_SAMPLES; sample++) {
        await wait(LEVEL_EVERY_MS);
        levels.push(await client.do('soundLevel', '0'));
      }
      return levels.includes(null) ? 'no' : `yes, from 0 to 1 at most ${Math.max(...levels.map(Number))}`;
    });

    question('How large may a message on a data channel be?', async () => {
      const { client } = await callers().newSession();
      await client.do('establish');
      return lines(await lastSdp(client), 'a=max-message-size') || 'not said';
    });

    question('What does TURN answer?', async () => {
      const { TURN_KEY_ID, TURN_KEY_API_TOKEN } = process.env;
      if (!TURN_KEY_ID || !TURN_KEY_API_TOKEN) return 'not asked: TURN_KEY_ID and TURN_KEY_API_TOKEN are not set';
      const base = target().api.replace(/\/apps\/.*/, `/turn/keys/${TURN_KEY_ID}/credentials/generate-ice-servers`);
      const good = await call('POST', base, { ttl: 60, customIdentifier: 'contract' }, TURN_KEY_API_TOKEN);
      const long = await call('POST', base, { ttl: 172_801 }, TURN_KEY_API_TOKEN);
      const urls = good.text.match(/(stun|turns?):[^"]+/g) ?? [];
      return `${good.status} ${urls.join(' ')}; a day too long: ${long.status} ${long.text}`;
    });
  });
}
