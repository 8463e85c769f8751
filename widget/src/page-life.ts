import type { Call } from './call/call.ts';
import { tabMemory } from './compose-call.ts';

/** Until `signal`: a page that goes leaves its call and keeps the seat for a reload; one that comes back has its devices. */
export function followPage(call: Pick<Call, 'hide' | 'show'>, signal: AbortSignal): void {
  const hide = (): void => {
    call.hide();
    tabMemory.release();
  };
  window.addEventListener('pagehide', hide, { signal });
  window.addEventListener('pageshow', ({ persisted }) => persisted && call.show(), { signal });
}
