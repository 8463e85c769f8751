import { NAME_MAX_CODE_POINTS } from '#protocol';
import type { Captures } from './captures.ts';
import type { Membership } from './membership.ts';
import type { CallRequest } from './request.ts';
import type { CallStore } from './store.ts';

/** Whoever carries out what is asked. */
export interface Performers {
  store: CallStore;
  captures: Captures;
  membership: Membership;
}

/** Passes a request on to who can fulfil it. What comes of it is told by facts. */
export function perform(request: CallRequest, performers: Performers): void {
  const { store, captures, membership } = performers;
  // Whoever does anything here will most likely join.
  if (store.state.call.phase === 'lobby' && request.type !== 'join') membership.prewarm();
  switch (request.type) {
    case 'set-name':
      return rename(request.name, store);
    case 'set-capture':
      return captures.set(request.source, request.on);
    case 'choose-device':
      return captures.choose(request.kind, request.id);
    case 'join':
      return join(performers);
    case 'leave':
      return membership.leave('you-left');
    case 'return-to-lobby':
      return returnToLobby(performers);
    case 'approach':
      // What it is for was done above.
      return;
    case 'unblock-sound':
      // The gesture itself lets the browser play, and what plays reports it.
      return;
    case 'dismiss-notice':
      return store.dispatch({ type: 'noticed', notice: '' });
    default:
      return membership.ask(request);
  }
}

/** Kept as typed, so that a space can be typed; trimmed and checked when it is sent. */
function rename(name: string, store: CallStore): void {
  if (!store.state.local.mayRename) return;
  store.dispatch({ type: 'named', name: [...name].slice(0, NAME_MAX_CODE_POINTS).join(''), mayRename: true });
}

/** Straight back in from `left` or `failed`, with the devices that were open. */
function join({ store, captures, membership }: Performers): void {
  const { phase } = store.state.call;
  membership.join();
  if (phase === 'left' || phase === 'failed') captures.restore();
}

function returnToLobby({ store, captures }: Performers): void {
  const { phase } = store.state.call;
  if (phase !== 'left' && phase !== 'failed') return;
  store.dispatch({ type: 'lobby-entered', notice: '' });
  captures.restore();
}
