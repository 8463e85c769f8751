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
    { type: 'hello', protocol: 1, epoch: 'e1', rev: 0, chat: 7 },
    { type: 'ack', received: 12 },
    { type: 'chat', key: 'k-1', text: 'Hello,\n\tall of you 👋' },
    { type: 'chat', key: 'k-2', text: 'x'.repeat(2048), to: 'b1' },
    { type: 'react', emoji: '👍' },
    { type: 'hand', raised: true },
    { type: 'hand', raised: false, id: 'b1' },
    { type: 'remove', id: 'b1' },
    { type: 'mute', source: 'camera' },
    { type: 'mute', id: 'b1', source: 'microphone' },
    { type: 'admit' },
    { type: 'admit', id: 'b1' },
    { type: 'refuse', id: 'b1' },
    { type: 'lock', locked: true },
    { type: 'grant', id: 'b1', grants: { publish: ['audio'], subscribe: true, chat: false, moderate: false } },
    {
      type: 'layers',
      layers: [
        { id: 'b1', rid: 'a' },
        { id: 'c1', rid: '' },
      ],
    },
    { type: 'end' },
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
    '{"type":"toString"}',
    '{"type":["end"]}',
    '{"type":"ack","received":-1}',
    '{"type":"chat","text":"a"}',
    '{"type":"chat","key":"k k","text":"a"}',
    '{"type":"chat","key":"k","text":""}',
    '{"type":"chat","key":"k","text":" \\n "}',
    '{"type":"chat","key":"k","text":5}',
    '{"type":"chat","key":"k","text":"a\\u0000"}',
    '{"type":"chat","key":"k","text":"a\\ud800"}',
    '{"type":"chat","key":"k","text":"a","to":null}',
    `{"type":"chat","key":"k","text":"${'é'.repeat(1025)}"}`,
    `{"type":"chat","key":"k","text":"${'x'.repeat(2049)}"}`,
    '{"type":"react","emoji":"5"}',
    '{"type":"react","emoji":"hello"}',
    '{"type":"react","emoji":"👍x"}',
    '{"type":"react","emoji":"<b>👍</b>"}',
    `{"type":"react","emoji":"${'👍'.repeat(17)}"}`,
    '{"type":"hand"}',
    '{"type":"remove"}',
    '{"type":"mute","source":"ceiling"}',
    '{"type":"refuse"}',
    '{"type":"lock","locked":1}',
    '{"type":"grant","id":"b","grants":{}}',
    '{"type":"grant","id":"b","grants":{"publish":["smell"],"subscribe":true,"chat":true,"moderate":false}}',
    '{"type":"grant","id":"b","grants":{"publish":[],"subscribe":"yes","chat":true,"moderate":false}}',
    '{"type":"grant","id":"b","grants":{"publish":[],"subscribe":true,"chat":true}}',
    '{"type":"hello","epoch":"e","rev":0}',
    '{"type":"hello","protocol":1,"epoch":"e","rev":-1}',
    '{"type":"hello","protocol":1,"epoch":"e","rev":1e999}',
    '{"type":"hello","protocol":1,"epoch":"e","rev":0.5}',
    '{"type":"hello","protocol":1,"epoch":"e e","rev":0}',
    '{"type":"layers","layers":[{"id":"b1"}]}',
    '{"type":"layers","layers":[{"id":"b1","rid":"a-b"}]}',
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

  it.each(['👍', '👩🏽‍🚀', '🇨🇭', '🏴󠁧󠁢󠁥󠁮󠁧󠁿', '❤️', '5️⃣', '🎉🎉'])('CH7 %s is an emoji', (emoji) => {
    expect(parseClientMessage(JSON.stringify({ type: 'react', emoji }))).toEqual({ type: 'react', emoji });
  });

  it('CL6 refuses by size before it reads', () => {
    const text = JSON.stringify({ type: 'leave', mayReturn: true, pad: 'x'.repeat(SOCKET_MESSAGE_MAX_BYTES) });
    expect(() => parseClientMessage(text)).toThrow(/at most/);
  });
});
