import type { Publication } from '../media/publication.ts';
import type { SessionRegistry } from '../session/session-registry.ts';
import { trackRefusal } from './api-error.ts';

/**
 * The publication that a pull names. Throws at once where its publisher is not sending it, and after a wait where it was
 * known to send and is silent now.
 */
export async function findPublication(
  sessions: SessionRegistry,
  sessionId: string,
  trackName: string,
): Promise<Publication> {
  const publication = sessions.find(sessionId)?.publication(trackName);
  if (!publication?.connected || (!publication.hasSent && !publication.isMuffled)) throw trackRefusal.notFound();
  const { trackQuietMs, emptyTrackMs } = sessions.timings;
  const isQuiet = publication.isMuffled || publication.quietFor(performance.now()) > trackQuietMs;
  if (isQuiet && !(await publication.nextPacket(AbortSignal.timeout(emptyTrackMs)))) throw trackRefusal.empty();
  // It may have been closed meanwhile.
  if (sessions.find(sessionId)?.publication(trackName) !== publication) throw trackRefusal.notFound();
  return publication;
}
