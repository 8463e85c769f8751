/** What one report of a connection says: counters since it began, and how its path does now. */
export interface Reading {
  /** When the report was made, milliseconds. */
  at: number;
  /** Milliseconds since the last packet that was no STUN. */
  silence: number;
  /** STUN checks that were answered. */
  answers: number;
  /** Milliseconds there and back; undefined before the first answer. */
  rtt: number | undefined;
  bytesIn: number;
  bytesOut: number;
  packetsIn: number;
  lostIn: number;
  packetsOut: number;
  lostOut: number;
  frames: number;
  freezes: number;
  /** Bytes received by each section, by mid. */
  slots: ReadonlyMap<string, number>;
}

/** What went over a connection between two readings. */
export interface Flow {
  /** 0 to 1, of the packets. */
  lossIn: number;
  lossOut: number;
  /** Bits per second. */
  bitrateIn: number;
  bitrateOut: number;
  /** Pictures decoded per second, all tracks together. */
  fps: number;
  /** How often a picture stood still. */
  freezes: number;
}

export const NO_FLOW: Readonly<Flow> = { lossIn: 0, lossOut: 0, bitrateIn: 0, bitrateOut: 0, fps: 0, freezes: 0 };

type Stats = RTCStats & Partial<Record<string, unknown>>;

/** Reads a report. `previous` is the reading before, of the same connection. */
export function readStats(report: RTCStatsReport, previous?: Reading): Reading {
  const all = [...(report as unknown as ReadonlyMap<string, Stats>).values()];
  const sum = (type: string, field: string) =>
    all.reduce((total, stats) => total + (stats.type === type ? number(stats[field]) : 0), 0);
  const selected = all.find(({ type }) => type === 'transport')?.['selectedCandidatePairId'];
  // Firefox tells of no transport, but which pair it nominated.
  const pair = all.find(({ id, type, nominated }) =>
    selected === undefined ? type === 'candidate-pair' && nominated === true : id === selected,
  );
  const at = pair?.timestamp ?? previous?.at ?? 0;
  const bytesIn = number(pair?.['bytesReceived']);
  const heardAt = pair?.['lastPacketReceivedTimestamp'];
  const isStill = previous !== undefined && previous.bytesIn === bytesIn;
  const rtt = pair?.['currentRoundTripTime'];

  const slots = new Map<string, number>();
  for (const { type, mid, bytesReceived } of all)
    if (type === 'inbound-rtp') slots.set(String(mid), (slots.get(String(mid)) ?? 0) + number(bytesReceived));
  return {
    at,
    // Not every browser stamps the last packet; bytes that stand still say the same, less exactly.
    silence: typeof heardAt === 'number' ? at - heardAt : isStill ? previous.silence + at - previous.at : 0,
    answers: number(pair?.['responsesReceived']),
    rtt: typeof rtt === 'number' ? rtt * 1000 : undefined,
    bytesIn,
    bytesOut: number(pair?.['bytesSent']),
    packetsIn: sum('inbound-rtp', 'packetsReceived'),
    lostIn: sum('inbound-rtp', 'packetsLost'),
    packetsOut: sum('outbound-rtp', 'packetsSent'),
    lostOut: sum('remote-inbound-rtp', 'packetsLost'),
    frames: sum('inbound-rtp', 'framesDecoded'),
    freezes: sum('inbound-rtp', 'freezeCount'),
    slots,
  };
}

/** What happened from `before` to `now`. Counters that began anew count as nothing. */
export function deriveFlow(before: Reading, now: Reading): Flow {
  const seconds = Math.max(now.at - before.at, 1) / 1000;
  const delta = (field: Exclude<keyof Reading, 'rtt' | 'slots'>) => Math.max(0, now[field] - before[field]);
  const share = (lost: number, others: number) => (lost > 0 ? Math.min(1, lost / (lost + others)) : 0);
  return {
    lossIn: share(delta('lostIn'), delta('packetsIn')),
    // The far end counts what arrived against what was sent, so the lost are among the sent.
    lossOut: share(delta('lostOut'), Math.max(0, delta('packetsOut') - delta('lostOut'))),
    bitrateIn: (delta('bytesIn') * 8) / seconds,
    bitrateOut: (delta('bytesOut') * 8) / seconds,
    fps: delta('frames') / seconds,
    freezes: delta('freezes'),
  };
}

function number(value: unknown): number {
  return typeof value === 'number' ? value : 0;
}
