import { refusal } from '../api/api-error.ts';
import { parseSdp, SdpError, type ParsedSdp } from '../sdp/parse-sdp.ts';
import type { SfuSession } from './sfu-session.ts';

export interface MutationRules {
  /** An offer of the client's comes with it. */
  carriesOffer: boolean;
  /** It may be the exchange that first brings the transport up. */
  mayBeFirst?: boolean;
  /** It brings the answer that a pending offer of the SFU's waits for. */
  answers?: boolean;
}

const busy = new WeakSet<SfuSession>();

/**
 * Runs one mutation of a session. The SFU does not queue: a mutation that meets another one, or an offer that waits for
 * its answer, is refused with 406, so that a caller without a queue of its own finds out.
 */
export async function mutate<T>(session: SfuSession, rules: MutationRules, work: () => T | Promise<T>): Promise<T> {
  if (busy.has(session)) throw refusal.unacceptable('Another operation on this session is still in progress');
  const { awaitsAnswer } = session.negotiation;
  if (awaitsAnswer && !rules.answers) throw refusal.unacceptable('An offer is waiting for its answer');
  if (!awaitsAnswer && rules.answers) throw refusal.unacceptable('No offer is waiting for an answer');
  busy.add(session);
  try {
    const isFirst = rules.mayBeFirst === true && session.state === 'unused';
    if (!isFirst) await session.transportReady(rules);
    const result = await work();
    if (session.state === 'closed') throw refusal.gone();
    session.watchAnswer();
    return result;
  } finally {
    busy.delete(session);
  }
}

/** Parses a description of the client's; what a browser would never write is refused with 400. */
export function parseDescription(sdp: string): ParsedSdp {
  try {
    return parseSdp(sdp);
  } catch (error) {
    if (error instanceof SdpError) throw refusal.unparsable(error.message);
    throw error;
  }
}
