import { SOURCE_GRANT } from '#protocol';
import { sendingAllowed } from '../sfu/authorize.ts';
import { withoutMids, type Seat, type Session } from './seat.ts';

/**
 * A seat with nothing but what its grants allow, and what its sessions have beyond that, to be closed at the SFU. What is
 * announced as a source that is granted stays, and beside it as many of a kind as an offer might still ask for.
 */
export function withinGrants(seat: Seat): { seat: Seat; excess: { sfuId: string; mids: string[] }[] } {
  const excess = seat.sessions.flatMap((session) => {
    const { handle, sfuId } = session;
    const mids = [...ungranted(seat, session), ...(seat.grants.subscribe ? [] : session.pulled)];
    return mids.length > 0 ? [{ handle, sfuId, mids }] : [];
  });
  const left = excess.reduce((rest, { handle, mids }) => withoutMids(rest, handle, new Set(mids)), seat);
  return { seat: left, excess };
}

/** Sections of a session that send more than is granted. */
function ungranted({ grants, sessionId, tracks }: Seat, { handle, published }: Session): string[] {
  const sources = new Map(handle === sessionId ? tracks.map(({ trackName, source }) => [trackName, source]) : []);
  const open = published.filter(({ state }) => state === 'open');
  const isGranted = ({ trackName }: (typeof open)[number]) => {
    const source = sources.get(trackName);
    return source && grants.publish.includes(SOURCE_GRANT[source]);
  };
  const ranked = [...open.filter(isGranted), ...open.filter(({ trackName }) => !sources.has(trackName))];
  const allowed = sendingAllowed(grants);
  const kept = (['audio', 'video'] as const).flatMap((kind) =>
    ranked.filter((track) => track.kind === kind).slice(0, allowed[kind]),
  );
  return open.filter((track) => !kept.includes(track)).map(({ mid }) => mid);
}
