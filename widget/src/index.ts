import { RealtimeCallElement } from './realtime-call.ts';

export type { CallState } from './call/state.ts';
export type { CallRequest } from './call/request.ts';
export type * from './events.ts';
export type { RealtimeCallElement };

const TAG = 'realtime-call';
const defined = customElements.get(TAG);

if (!defined) customElements.define(TAG, RealtimeCallElement);
else if (!('version' in defined) || defined.version !== RealtimeCallElement.version)
  // oxlint-disable-next-line no-console -- the one way to tell whoever included two versions
  console.warn(
    `<${TAG}> is already defined by another version than ${RealtimeCallElement.version}, which stays in use.`,
  );
