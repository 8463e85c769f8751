/** What {@link plainSequentialJoin} needs to know: the broker's room URL and a room token. */
export interface PlainJoin {
  base: string;
  token: string;
}

/**
 * Runs in the page. A client in the order of the SFU's own samples, one step after the other: camera, join, session,
 * publish, session, pull, renegotiate. Resolves with the milliseconds from the click to the first remote frame.
 */
export async function plainSequentialJoin({ base, token }: PlainJoin): Promise<number> {
  const start = performance.now();
  let bearer = token;
  const call = async (method: string, path: string, body?: unknown) => {
    const response = await fetch(`${base}${path}`, {
      method,
      headers: { authorization: `Bearer ${bearer}`, 'content-type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${await response.text()}`);
    return response.json();
  };

  const stream = await navigator.mediaDevices.getUserMedia({ audio: true, video: true });
  const joined = await call('POST', '/join', { protocol: 1 });
  bearer = joined.memberSecret;

  const publishing = new RTCPeerConnection({ bundlePolicy: 'max-bundle' });
  const transceivers = stream.getTracks().map((track) => publishing.addTransceiver(track, { direction: 'sendonly' }));
  await publishing.setLocalDescription();
  const { sessionId } = await call('POST', '/sessions/new');
  const published = await call('POST', `/sessions/${sessionId}/tracks/new`, {
    sessionDescription: publishing.localDescription,
    tracks: transceivers.map((transceiver, index) => ({
      location: 'local',
      mid: transceiver.mid,
      trackName: `plain-${index}`,
    })),
  });
  await publishing.setRemoteDescription(published.sessionDescription);

  const receiving = new RTCPeerConnection({ bundlePolicy: 'max-bundle' });
  const firstFrame = new Promise<void>((resolve) => {
    receiving.addEventListener('track', ({ track }) => {
      if (track.kind !== 'video') return;
      const video = document.createElement('video');
      video.muted = true;
      video.autoplay = true;
      video.srcObject = new MediaStream([track]);
      document.body.append(video);
      video.requestVideoFrameCallback(() => resolve());
    });
  });
  const receiver = await call('POST', '/sessions/new');
  const tracks = joined.roster.participants.flatMap(
    (participant: { sessionId: string; tracks: { trackName: string }[] }) =>
      participant.tracks.map(({ trackName }) => ({ location: 'remote', sessionId: participant.sessionId, trackName })),
  );
  const pulled = await call('POST', `/sessions/${receiver.sessionId}/tracks/new`, { tracks });
  await receiving.setRemoteDescription(pulled.sessionDescription);
  await receiving.setLocalDescription();
  await call('PUT', `/sessions/${receiver.sessionId}/renegotiate`, { sessionDescription: receiving.localDescription });
  await firstFrame;

  const elapsed = performance.now() - start;
  publishing.close();
  receiving.close();
  for (const track of stream.getTracks()) track.stop();
  return elapsed;
}
