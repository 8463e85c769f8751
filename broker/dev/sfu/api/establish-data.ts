import { mutate, parseDescription } from '../session/mutation.ts';
import type { SfuSession } from '../session/sfu-session.ts';
import { refusal } from './api-error.ts';
import { parseEstablish, SERVER_EVENTS } from './data-requests.ts';

/** The SFU says nothing on it, so nothing is opened: the client may do so, by this id or by itself. */
const SERVER_EVENTS_CHANNEL = { dataChannelName: SERVER_EVENTS, id: 0 };

/** `POST /sessions/{id}/datachannels/establish`: the section for data channels, by the client's offer or the SFU's. */
export function establishData(session: SfuSession, body: unknown): Promise<object> {
  const offer = parseEstablish(body);
  return mutate(session, { carriesOffer: offer !== undefined, mayBeFirst: true }, () => {
    const { negotiation } = session;
    if (offer) {
      const sdp = parseDescription(offer.sdp);
      if (!sdp.sections.some(({ kind, stopped }) => kind === 'application' && !stopped)) throw refusal.noData();
      session.takeOffer(sdp);
      return {
        requiresImmediateRenegotiation: false,
        dataChannel: SERVER_EVENTS_CHANNEL,
        sessionDescription: negotiation.createAnswer(),
      };
    }
    if (negotiation.dataSection) throw refusal.unacceptable('The session has a section for data channels already');
    session.offerData();
    return {
      requiresImmediateRenegotiation: true,
      dataChannel: SERVER_EVENTS_CHANNEL,
      sessionDescription: negotiation.createOffer(),
    };
  });
}
