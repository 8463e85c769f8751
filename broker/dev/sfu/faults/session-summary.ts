import type { SessionState, SfuSession } from '../session/sfu-session.ts';
import type { FaultyNetwork } from './faulty-network.ts';

export interface PacketCounts {
  passed: number;
  /** Taken by a fault. */
  lost: number;
}

/** One session as the control endpoint tells of it. */
export interface SessionSummary {
  sessionId: string;
  state: SessionState;
  /** Names of the tracks it publishes. */
  published: string[];
  /** Tracks it receives now. */
  pulled: { sessionId: string; trackName: string }[];
  /** RTP and RTCP. */
  packets: { up: PacketCounts; down: PacketCounts };
}

export function describeSession(session: SfuSession, network: FaultyNetwork): SessionSummary {
  const { sections } = session.negotiation;
  const link = network.link(session.id);
  return {
    sessionId: session.id,
    state: session.state,
    published: sections.flatMap(({ publication }) => publication?.trackName ?? []),
    pulled: sections.flatMap(({ subscription }) => (subscription?.source ? [subscription.name] : [])),
    packets: { up: counts(link?.up), down: counts(link?.down) },
  };
}

function counts({ passed, lost }: PacketCounts = { passed: 0, lost: 0 }): PacketCounts {
  return { passed, lost };
}
