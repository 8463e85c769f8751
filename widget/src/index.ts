import { RealtimeCallElement } from './realtime-call.ts';

export type { CallRequest } from './call/request.ts';
export type { CallState } from './call/state.ts';
export type * from './events.ts';
export type { RealtimeCallElement };

const TAG = 'realtime-call';
const { version } = RealtimeCallElement;
const defined = customElements.get(TAG);
const definedVersion = defined && 'version' in defined ? defined.version : 'unknown';

if (!defined) customElements.define(TAG, RealtimeCallElement);
else if (definedVersion !== version)
  // oxlint-disable-next-line no-console -- nothing else can tell whoever included two versions
  console.warn(`<${TAG}> is already defined by version ${definedVersion}, which stays in use instead of ${version}.`);
