import type { Call } from './call/call.ts';
import type { CallView } from './call/view.ts';
import { composeCall } from './compose-call.ts';
import type { ProcessTrack } from './devices/devices.ts';
import { followPage } from './page-life.ts';
import type { TokenNeed } from './room/token-source.ts';
import { readSettings, readTag } from './tag-settings.ts';

export type { CallErrorCode } from './call/errors.ts';
export type { MediaStats } from './call/media-stats.ts';
export type { PictureLimit, Sights, TileSight } from './call/reception.ts';
export type { CallRequest } from './call/request.ts';
export type { CallPhase, CallState, CaptureState, Connection, InCall, LocalState } from './call/state.ts';
export type { CallView, MediaView } from './call/view.ts';
export type { ProcessTrack, TokenNeed };

/** What the tag's attributes say, for a page that has no tag. */
export interface CallOptions {
  /** The room. Letters, digits and `. _ ~ -`, up to 128. */
  room: string;
  /** A room token made by your backend. */
  token?: string;
  /** Where to fetch a token, as the tag does: when the visitor acts, and again where one is refused. */
  tokenUrl?: string;
  /** Gives a token in place of an address; called at the same moments. */
  getToken?: (need: TokenNeed) => Promise<string>;
  /** The broker's address. Where this module came from, if absent. */
  broker?: string;
  /** A name to begin with, unless the token gives one. */
  name?: string;
  /** An effect on microphone or camera, for each device that is opened. */
  processTrack?: ProcessTrack;
}

/**
 * One call from lobby to goodbye, and the next one after it. Ask with `request`; what came of it is read from `state`. What
 * makes a call impossible, such as a missing room, is found there too: the phase is `failed`, with a code and its detail.
 */
export interface EngineCall
  extends CallView, Pick<Call, 'request' | 'reportSights' | 'limitPictures' | 'reportSound' | 'allowPrewarm'> {
  /** Leaves and lets go of everything; the call cannot be used again. */
  close(): void;
}

/** A call without an interface. Nothing is asked of any server, and no device opened, before the first request. */
export function createCall(options: CallOptions): EngineCall {
  const { room, token, tokenUrl, getToken, broker, name, processTrack } = options;
  const attributes = { room, token, tokenUrl, broker, name };
  const surroundings = {
    base: location.href,
    scriptUrl: import.meta.url,
    isSecure: isSecureContext,
    isSupported: 'RTCPeerConnection' in globalThis && 'mediaDevices' in navigator,
    pageGivesToken: () => getToken !== undefined,
  };
  const tag = { ...readTag(attributes, surroundings), processTrack };
  const composed = composeCall(
    () => tag,
    (need) => getToken?.(need),
  );
  const { call, view } = composed;
  const lifetime = new AbortController();
  followPage(call, lifetime.signal);
  call.configure(readSettings(attributes, surroundings));
  return {
    get state() {
      return view.state;
    },
    subscribe: view.subscribe,
    media: view.media,
    request: (request) => call.request(request),
    reportSights: (sights) => call.reportSights(sights),
    limitPictures: (limit) => call.limitPictures(limit),
    reportSound: (blocked) => call.reportSound(blocked),
    allowPrewarm: (isAllowed) => call.allowPrewarm(isAllowed),
    close() {
      lifetime.abort();
      composed.close();
    },
  };
}
