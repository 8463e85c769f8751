import type { Clock, Unsubscribe } from '../call/ports.ts';

const FIRST_DELAY_MS = 20;
const GROWTH = 1.5;
const LONGEST_DELAY_MS = 100;
/** A sender that is silent for this long is looked at only now and then. */
const PATIENCE_MS = 10_000;
const SLOW_DELAY_MS = 1_000;

/**
 * Calls `onFlow` once, when the first packet has left through the sender: whoever pulls a track earlier waits for
 * seconds and gets an error.
 */
export function awaitFlow(sender: RTCRtpSender, clock: Clock, onFlow: () => void): Unsubscribe {
  const startedAt = clock.now();
  let delay = FIRST_DELAY_MS;
  let stopTimer: Unsubscribe = () => undefined;
  let isStopped = false;

  const look = async () => {
    const sent = await packetsSent(sender);
    if (isStopped) return;
    if (sent > 0) return onFlow();
    delay = clock.now() - startedAt > PATIENCE_MS ? SLOW_DELAY_MS : Math.min(delay * GROWTH, LONGEST_DELAY_MS);
    stopTimer = clock.setTimeout(() => void look(), delay);
  };
  stopTimer = clock.setTimeout(() => void look(), delay);

  return () => {
    isStopped = true;
    stopTimer();
  };
}

async function packetsSent(sender: RTCRtpSender): Promise<number> {
  let sent = 0;
  const report = await sender.getStats();
  report.forEach((stats: RTCOutboundRtpStreamStats) => {
    if (stats.type === 'outbound-rtp') sent += stats.packetsSent ?? 0;
  });
  return sent;
}
