import type { Clock, Unsubscribe } from './ports.ts';
import { inCall } from './select.ts';
import type { CallStore } from './store.ts';

/** So many minutes before a call ends, its people are told. */
const WARNINGS = [1, 5];
const MINUTE_MS = 60_000;
/** Browsers take a longer delay for none at all. */
const DELAY_MAX_MS = 2 ** 31 - 1;

/** Tells that the time of a call runs out, by the clock of this machine. The timer ends with the call. */
export function warnOfEnd(store: CallStore, clock: Clock): void {
  let known: number | undefined;
  let cancel: Unsubscribe = () => {};
  const tell = (endsAt: number): void => {
    const left = endsAt - clock.now();
    const next = WARNINGS.findLast((minutes) => left > minutes * MINUTE_MS);
    if (next) cancel = clock.setTimeout(() => tell(endsAt), Math.min(left - next * MINUTE_MS, DELAY_MAX_MS));
    store.dispatch({ type: 'ending', minutes: WARNINGS.find((minutes) => left <= minutes * MINUTE_MS) ?? 0 });
  };
  store.subscribe(() => {
    const endsAt = inCall(store.state)?.endsAt;
    if (endsAt === known) return;
    known = endsAt;
    cancel();
    if (endsAt === undefined) store.dispatch({ type: 'ending', minutes: 0 });
    else tell(endsAt);
  });
}
