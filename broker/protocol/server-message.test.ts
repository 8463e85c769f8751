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
    { type: 'roster', epoch: 'e1', rev: 3, participants: [ANN, BOB] },
    { type: 'current', epoch: 'e1', rev: 3 },
    { type: 'change', epoch: 'e1', rev: 4, change: { type: 'put', participant: ANN } },
    { type: 'change', epoch: 'e1', rev: 5, change: { type: 'gone', id: 'b1', reason: 'lost' } },
    { type: 'error', errorCode: 'forbidden', errorDescription: 'no' },
  ];
  it.each(messages)('RM3 comes out as it went in: %j', (message) => {
    expect(parseServerMessage(JSON.stringify(message))).toEqual(message);
  });

  it.each([
    {},
    { type: 'chat' },
    { type: 'roster', epoch: 'e1', rev: 3 },
    { type: 'roster', epoch: 'e1', rev: 3, participants: [{ ...ANN, role: 'king' }] },
    { type: 'roster', epoch: 'e1', rev: 3, participants: [{ ...ANN, sessionId: 'short' }] },
    { type: 'current', epoch: 'e1', rev: '3' },
    { type: 'change', epoch: 'e1', rev: 4 },
    { type: 'change', epoch: 'e1', rev: 4, change: { type: 'put', participant: { ...ANN, presence: 'gone' } } },
    { type: 'change', epoch: 'e1', rev: 4, change: { type: 'gone', id: 'b1', reason: 'bored' } },
    { type: 'error', errorDescription: 'no code' },
  ])('RM3 refuses %j', (message) => {
    expect(() => parseServerMessage(JSON.stringify(message))).toThrow(ParseError);
  });
});
