/** What one report of a connection says. */
export interface Reading {
  /** When the report was made, milliseconds. */
  at: number;
  /** Milliseconds since the last packet that was no STUN. */
  silence: number;
  /** STUN checks that were answered since the connection began. */
  answers: number;
  /** How often the browser makes one of a path that works, at the slowest; milliseconds. */
  checkMs: number;
  /** Names the two addresses in use, mine as the SFU sees it; empty before there are any. */
  way: string;
  /** Milliseconds there and back; undefined before the first answer. */
  rtt: number | undefined;
  /** Sums by kind of report and field, as `inbound-rtp packetsLost`; the pair in use is `pair`, bytes of a section `mid 0`. */
  counts: ReadonlyMap<string, number>;
}

const CHECK_MS = 2_500;
/** Of Firefox, which does not say how many it sends: every five seconds, and up to a fifth more. */
const UNCOUNTED_CHECK_MS = 6_000;

type Stats = RTCStats & Partial<Record<string, unknown>>;

/** Reads a report. `previous` is the reading before, of the same connection. */
export function readStats(report: RTCStatsReport, previous?: Reading): Reading {
  const all = [...(report as unknown as ReadonlyMap<string, Stats>).values()];
  const selected = all.find(({ type }) => type === 'transport')?.['selectedCandidatePairId'];
  // An older Firefox tells of no transport, but which pair it nominated.
  const pair = all.find(({ id, type, nominated }) =>
    selected === undefined ? type === 'candidate-pair' && nominated : id === selected,
  );
  const counts = new Map<string, number>();
  const add = (counter: string, value: unknown): void => {
    if (typeof value === 'number') counts.set(counter, (counts.get(counter) ?? 0) + value);
  };
  for (const stats of all) {
    const type = stats === pair ? 'pair' : stats.type;
    for (const [field, value] of Object.entries(stats)) add(`${type} ${field}`, value);
    if (type === 'inbound-rtp') add(`mid ${String(stats['mid'])}`, stats['bytesReceived']);
  }
  const of = (field: string): number | undefined => counts.get(`pair ${field}`);

  const at = pair?.timestamp ?? 0;
  const heardAt = of('lastPacketReceivedTimestamp');
  const isStill = previous && previous.counts.get('pair bytesReceived') === of('bytesReceived');
  const rtt = of('currentRoundTripTime');
  return {
    at,
    // Not every browser stamps the last packet; bytes that stand still say the same, less exactly.
    silence: heardAt !== undefined ? at - heardAt : isStill ? previous.silence + at - previous.at : 0,
    answers: of('responsesReceived') ?? 0,
    checkMs: of('requestsSent') === undefined ? UNCOUNTED_CHECK_MS : CHECK_MS,
    way: pair?.id ?? '',
    rtt: rtt && rtt * 1000,
    counts,
  };
}

/** By how much a counter has grown; one that began anew has not. */
export function growthOf(counter: string, before: Reading | undefined, now: Reading): number {
  const count = now.counts.get(counter) ?? 0;
  return before ? Math.max(0, count - (before.counts.get(counter) ?? 0)) : 0;
}
