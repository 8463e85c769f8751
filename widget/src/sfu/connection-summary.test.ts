import { describe, expect, it } from 'vitest';
import { summarizeConnection } from './connection-summary.ts';
import type { TransportState } from './sfu-session.ts';

const sessions = (...transports: TransportState[]) =>
  transports.map((transport) => ({ transport, isReplacement: false }));

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
    expect(summarizeConnection(sessions(...transports), wasConnected)).toBe(expected);
  });

  it('counts a replacement as broken until it is connected', () => {
    const replacing = { transport: 'connecting', isReplacement: true } as const;
    expect(summarizeConnection([...sessions('connected'), replacing], true)).toBe('reconnecting');
    expect(summarizeConnection([...sessions('connected'), { ...replacing, transport: 'connected' }], true)).toBe(
      'connected',
    );
  });
});
