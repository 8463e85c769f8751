import type { Connection } from '../call/state.ts';
import type { TransportState } from './sfu-session.ts';

export interface PathSummary {
  transport: TransportState;
  state: 'steady' | 'replacing' | 'given-up';
}

/** One word for the media path. A connection that has nothing to carry yet says nothing. */
export function summarizeConnection(paths: readonly PathSummary[], wasConnected: boolean): Connection {
  const has = (...looked: (TransportState | PathSummary['state'])[]) =>
    paths.some(({ transport, state }) => looked.includes(transport) || looked.includes(state));
  if (has('given-up')) return 'failed';
  if (has('replacing', 'lost', 'failed')) return 'reconnecting';
  if (has('connected') || !has('connecting')) return 'connected';
  return wasConnected ? 'reconnecting' : 'connecting';
}
