import type { Connection } from '../call/state.ts';
import type { TransportState } from './sfu-session.ts';

export interface SessionSummary {
  transport: TransportState;
  /** It takes the place of one that broke. */
  isReplacement: boolean;
}

/** One word for the media path. A session that has nothing to carry yet says nothing. */
export function summarizeConnection(sessions: readonly SessionSummary[], wasConnected: boolean): Connection {
  const active = sessions.filter(({ transport }) => transport !== 'new');
  const isBroken = active.some(
    ({ transport, isReplacement }) =>
      transport === 'lost' || transport === 'failed' || (transport === 'connecting' && isReplacement),
  );
  if (isBroken) return 'reconnecting';
  if (active.some(({ transport }) => transport === 'connected')) return 'connected';
  if (active.length === 0) return 'connected';
  return wasConnected ? 'reconnecting' : 'connecting';
}
