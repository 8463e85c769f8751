import { describe, expect, it } from 'vitest';
import { parseClientMessage, type ClientMessage } from './client-message.ts';
import { SOCKET_MESSAGE_MAX_BYTES } from './limits.ts';
import { ParseError } from './parse.ts';

const HANDLE = '0123456789abcdef'.repeat(2);
const TRACK = { trackName: 'camera-1', source: 'camera', muted: false, rids: ['a', 'b'] } as const;

describe('parseClientMessage', () => {
  const messages: ClientMessage[] = [
    { type: 'hello', protocol: 1, epoch: 'e1', rev: 0 },
    { type: 'hello', protocol: 1, epoch: '', rev: Number.MAX_SAFE_INTEGER },
    { type: 'tracks', sessionId: HANDLE, tracks: [{ ...TRACK, rids: [...TRACK.rids] }] },
    { type: 'tracks', sessionId: HANDLE, tracks: [] },
    { type: 'leave', mayReturn: true },
  ];
  it.each(messages)('RM11 reads what it knows: %j', (message) => {
    expect(parseClientMessage(JSON.stringify(message))).toEqual(message);
  });

  it('RM10 A16 drops what is not part of a message', () => {
    const forged = { type: 'leave', mayReturn: false, from: 'bob', id: 'bob', role: 'host' };
    expect(parseClientMessage(JSON.stringify(forged))).toEqual({ type: 'leave', mayReturn: false });
  });

  it.each([
    '',
    'null',
    '[]',
    '5',
    '{',
    '{}',
    '{"type":"kick","id":"bob"}',
    '{"type":"__proto__"}',
    '{"type":"hello","epoch":"e","rev":0}',
    '{"type":"hello","protocol":1,"epoch":"e","rev":-1}',
    '{"type":"hello","protocol":1,"epoch":"e","rev":1e999}',
    '{"type":"hello","protocol":1,"epoch":"e","rev":0.5}',
    '{"type":"hello","protocol":1,"epoch":"e e","rev":0}',
    '{"type":"leave"}',
    '{"type":"leave","mayReturn":"yes"}',
    `{"type":"tracks","sessionId":"../x","tracks":[]}`,
    `{"type":"tracks","sessionId":"${HANDLE}","tracks":{}}`,
    `{"type":"tracks","sessionId":"${HANDLE}","tracks":[{"trackName":"a","source":"ceiling","muted":false,"rids":[]}]}`,
    `{"type":"tracks","sessionId":"${HANDLE}","tracks":[{"trackName":"a/b","source":"camera","muted":false,"rids":[]}]}`,
    `{"type":"tracks","sessionId":"${HANDLE}","tracks":${JSON.stringify(Array.from({ length: 5 }, () => TRACK))}}`,
  ])('RM11 A19 refuses %s', (text) => {
    expect(() => parseClientMessage(text)).toThrow(ParseError);
  });

  it('CL6 refuses by size before it reads', () => {
    const text = JSON.stringify({ type: 'leave', mayReturn: true, pad: 'x'.repeat(SOCKET_MESSAGE_MAX_BYTES) });
    expect(() => parseClientMessage(text)).toThrow(/at most/);
  });
});
