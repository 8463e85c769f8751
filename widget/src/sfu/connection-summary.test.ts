import { describe, expect, it } from 'vitest';
import { summarizeConnection, type PathSummary } from './connection-summary.ts';
import type { TransportState } from './sfu-session.ts';

const paths = (state: PathSummary['state'], ...transports: TransportState[]): PathSummary[] =>
  transports.map((transport, index) => ({ transport, state: index === 0 ? state : 'steady' }));

describe('summarizeConnection', () => {
  it.each([
    [['connecting', 'connecting'], false, 'connecting'],
    [['connecting', 'new'], false, 'connecting'],
    [['connected', 'connecting'], false, 'connected'],
    [['connected', 'new'], false, 'connected'],
    [['new', 'new'], false, 'connected'],
    [['connected', 'lost'], true, 'reconnecting'],
    [['failed', 'connected'], true, 'reconnecting'],
    [['connecting', 'new'], true, 'reconnecting'],
  ] as const)('%j, connected before %s: %s', (transports, wasConnected, expected) => {
    expect(summarizeConnection(paths('steady', ...transports), wasConnected)).toBe(expected);
  });

  it('counts a path that is replaced as broken, whatever its old connection says', () => {
    expect(summarizeConnection(paths('replacing', 'connected', 'connected'), true)).toBe('reconnecting');
  });

  it('tells what was given up, whatever the other path does', () => {
    expect(summarizeConnection(paths('given-up', 'connected', 'lost'), true)).toBe('failed');
  });
});
