/** What the functions below need to know, which run in a page: the broker's URL of the room, and a room token. */
export interface PlainSeat {
  base: string;
  token: string;
}

/**
 * A client in the order of the SFU's own samples, one step after the other: camera, join, session, publish, session,
 * pull, renegotiate. Gives the member secret, which leaves.
 */
export async function joinPlainly({ base, token }: PlainSeat): Promise<string> {
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
    tracks: transceivers.map(({ mid }, index) => ({ location: 'local', mid, trackName: `plain-${index}` })),
  });
  await publishing.setRemoteDescription(published.sessionDescription);

  const receiving = new RTCPeerConnection({ bundlePolicy: 'max-bundle' });
  const receiver = await call('POST', '/sessions/new');
  const tracks = joined.roster.participants.flatMap(
    (participant: { sessionId: string; tracks: { trackName: string }[] }) =>
      participant.tracks.map(({ trackName }) => ({ location: 'remote', sessionId: participant.sessionId, trackName })),
  );
  const pulled = await call('POST', `/sessions/${receiver.sessionId}/tracks/new`, { tracks });
  await receiving.setRemoteDescription(pulled.sessionDescription);
  await receiving.setLocalDescription();
  await call('PUT', `/sessions/${receiver.sessionId}/renegotiate`, { sessionDescription: receiving.localDescription });
  return bearer;
}

/** Pulls everything that is announced in the room, and shows each picture and plays each sound in an element of its own. */
export async function receivePlainly({ base, token }: PlainSeat): Promise<void> {
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
  const joined = await call('POST', '/join', { protocol: 1 });
  bearer = joined.memberSecret;
  const { sessionId } = await call('POST', '/sessions/new');
  const tracks = joined.roster.participants.flatMap(
    (participant: { sessionId: string; tracks: { trackName: string }[] }) =>
      participant.tracks.map(({ trackName }) => ({ location: 'remote', sessionId: participant.sessionId, trackName })),
  );
  const peer = new RTCPeerConnection({ bundlePolicy: 'max-bundle' });
  const pictures: Promise<unknown>[] = [];
  peer.addEventListener('track', ({ track }) => {
    const element = document.createElement(track.kind === 'audio' ? 'audio' : 'video');
    element.srcObject = new MediaStream([track]);
    element.autoplay = true;
    element.style.width = '30%';
    document.body.append(element);
    if (element instanceof HTMLVideoElement)
      pictures.push(new Promise((resolve) => element.requestVideoFrameCallback(resolve)));
  });
  const pulled = await call('POST', `/sessions/${sessionId}/tracks/new`, { tracks });
  await peer.setRemoteDescription(pulled.sessionDescription);
  await peer.setLocalDescription();
  await call('PUT', `/sessions/${sessionId}/renegotiate`, { sessionDescription: peer.localDescription });
  await Promise.all(pictures);
}

/** Somebody who sends camera and microphone, one layer each, for as long as the page is open. */
export async function publishPlainly({ base, token }: PlainSeat): Promise<void> {
  const stream = await navigator.mediaDevices.getUserMedia({ audio: true, video: { width: 640, height: 360 } });
  const peer = new RTCPeerConnection({ bundlePolicy: 'max-bundle' });
  const senders = stream.getTracks().map((track) => {
    const { sender, mid } = peer.addTransceiver(track, { direction: 'sendonly' });
    return { sender, mid, trackName: `plain-${track.kind}`, source: track.kind === 'audio' ? 'microphone' : 'camera' };
  });
  await peer.setLocalDescription();
  const mids = peer.getTransceivers().map(({ mid }) => mid);
  const response = await fetch(`${base}/join`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      protocol: 1,
      publish: {
        sessionDescription: peer.localDescription,
        tracks: senders.map(({ trackName }, index) => ({ location: 'local', mid: mids[index], trackName })),
      },
    }),
  });
  if (!response.ok) throw new Error(`join answered ${response.status}: ${await response.text()}`);
  const joined = await response.json();
  await peer.setRemoteDescription(joined.publish.sessionDescription);
  await Promise.all(
    senders.map(async ({ sender }) => {
      for (let sent = 0; sent === 0;)
        for (const stats of (await sender.getStats()).values())
          if (stats.type === 'outbound-rtp') sent += stats.packetsSent;
    }),
  );

  const protocols = ['realtime-call.v1', `ticket.${joined.ticket}`];
  const socket = new WebSocket(`${base.replace(/^http/, 'ws')}/socket`, protocols);
  const { sessionId } = joined.publish;
  const tracks = senders.map(({ trackName, source }) => ({ trackName, source, muted: false, rids: [] }));
  await new Promise<void>((resolve, reject) => {
    socket.addEventListener('open', () => {
      socket.send(JSON.stringify({ type: 'hello', protocol: 1, epoch: '', rev: 0 }));
      socket.send(JSON.stringify({ type: 'tracks', sessionId, tracks }));
      setInterval(() => socket.send('ping'), 10_000);
      resolve();
    });
    socket.addEventListener('close', ({ code }) => reject(new Error(`the socket closed with ${code}`)));
  });
}
