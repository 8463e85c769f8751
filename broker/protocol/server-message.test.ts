import { describe, expect, it } from 'vitest';
import { ParseError } from './parse.ts';
import type { Participant } from './participant.ts';
import { parseServerMessage, type ServerMessage } from './server-message.ts';

const ANN: Participant = {
  id: 'a1',
  name: 'Ann',
  role: 'guest',
  joinedAt: 1,
  presence: 'here',
  sessionId: 'f'.repeat(32),
  tracks: [{ trackName: 'microphone-1', source: 'microphone', muted: true, rids: [] }],
};
const BOB: Participant = { ...ANN, id: 'b1', name: '', presence: 'away', sessionId: '', tracks: [] };

describe('parseServerMessage', () => {
  const messages: ServerMessage[] = [
    { type: 'roster', epoch: 'e1', rev: 3, locked: false, participants: [ANN, BOB] },
    { type: 'roster', epoch: 'e1', rev: 3, locked: true, endsAt: 9, participants: [{ ...ANN, hand: 5 }] },
    { type: 'current', epoch: 'e1', rev: 3 },
    { type: 'change', epoch: 'e1', rev: 4, change: { type: 'put', participant: ANN } },
    { type: 'change', epoch: 'e1', rev: 5, change: { type: 'gone', id: 'b1', reason: 'lost' } },
    { type: 'change', epoch: 'e1', rev: 6, change: { type: 'room', locked: true, endsAt: 9 } },
    { type: 'change', epoch: 'e1', rev: 7, change: { type: 'room', locked: false } },
    { type: 'mute', source: 'camera' },
    { type: 'knocks', waiting: [{ id: 'c1', name: 'Cleo' }] },
    { type: 'admitted' },
    { type: 'granted', grants: { publish: ['audio'], subscribe: true, chat: false, moderate: false } },
    { type: 'chat', seq: 5, key: 'k', from: 'a1', text: '<b>hi</b>', sentAt: 4 },
    { type: 'chat', seq: 6, key: 'k', from: 'a1', text: 'psst', sentAt: 4, to: 'b1' },
    { type: 'reaction', from: 'a1', emoji: '👍' },
    { type: 'layers', from: 'a1', rid: 'b' },
    { type: 'layers', from: 'a1', rid: '' },
    { type: 'error', errorCode: 'forbidden', errorDescription: 'no' },
    { type: 'error', errorCode: 'rate_limited', errorDescription: 'no', key: 'k' },
  ];
  it.each(messages)('RM3 comes out as it went in: %j', (message) => {
    expect(parseServerMessage(JSON.stringify(message))).toEqual(message);
  });

  it.each([
    {},
    { type: 'chat' },
    { type: 'news', seq: 1 },
    { type: 'chat', seq: 5, key: 'k', text: 'from nobody', sentAt: 4 },
    { type: 'knocks', waiting: [{ name: 'Cleo' }] },
    { type: 'granted', grants: { publish: ['smell'] } },
    { type: 'change', epoch: 'e1', rev: 4, change: { type: 'room', locked: 'yes' } },
    { type: 'change', epoch: 'e1', rev: 4, change: { type: 'moved', id: 'a1' } },
    { type: 'roster', epoch: 'e1', rev: 3 },
    { type: 'roster', epoch: 'e1', rev: 3, participants: [{ ...ANN, role: 'king' }] },
    { type: 'roster', epoch: 'e1', rev: 3, participants: [{ ...ANN, sessionId: 'short' }] },
    { type: 'layers', from: 'a1' },
    { type: 'current', epoch: 'e1', rev: '3' },
    { type: 'change', epoch: 'e1', rev: 4 },
    { type: 'change', epoch: 'e1', rev: 4, change: { type: 'put', participant: { ...ANN, presence: 'gone' } } },
    { type: 'change', epoch: 'e1', rev: 4, change: { type: 'gone', id: 'b1', reason: 'bored' } },
    { type: 'error', errorDescription: 'no code' },
  ])('RM3 refuses %j', (message) => {
    expect(() => parseServerMessage(JSON.stringify(message))).toThrow(ParseError);
  });
});
