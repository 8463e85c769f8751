import { mutate } from '../session/mutation.ts';
import type { SfuSession } from '../session/sfu-session.ts';
import { trackRefusal } from './api-error.ts';
import { channelItem } from './channel-item.ts';
import { parseChannelIds } from './data-requests.ts';

/** `PUT /sessions/{id}/datachannels/close`: by id. One that is not there is an error of its item alone. */
export function closeDataChannels(session: SfuSession, body: unknown): Promise<object> {
  const ids = parseChannelIds(body);
  return mutate(session, { carriesOffer: false }, () => ({
    dataChannels: ids.map((id) => {
      const closed = session.data.close(id);
      if (closed) return channelItem(closed);
      const { code, message } = trackRefusal.alreadyClosed();
      return { id, errorCode: code, errorDescription: message };
    }),
  }));
}
