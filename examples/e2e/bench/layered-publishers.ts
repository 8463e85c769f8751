import type { PlainSeat } from './plain-client.ts';

/** Of the best of the three layers. */
export const CAMERA_WIDTH = 960;

/**
 * Runs in a page. Several people who send one camera in the widget's three layers, from connections of their own; resolves
 * once all of them flow and the room knows. They draw nothing and receive nothing, so that a small machine can be ten of them.
 */
export async function publishInLayers(seats: readonly PlainSeat[]): Promise<void> {
  // At full rate, ten cameras would be more than a small machine encodes.
  const video = { width: 960, height: 540, frameRate: 5 };
  const camera = await navigator.mediaDevices.getUserMedia({ video });
  const sendEncodings = [
    { rid: 'a', maxBitrate: 1_200_000 },
    { rid: 'b', maxBitrate: 350_000, scaleResolutionDownBy: 2 },
    { rid: 'c', maxBitrate: 120_000, scaleResolutionDownBy: 4 },
  ];
  const publish = async ({ base, token }: PlainSeat): Promise<void> => {
    const peer = new RTCPeerConnection({ bundlePolicy: 'max-bundle' });
    const transceiver = peer.addTransceiver(camera.getTracks()[0]!, { direction: 'sendonly', sendEncodings });
    await peer.setLocalDescription();
    const tracks = [{ location: 'local', mid: transceiver.mid, trackName: 'camera' }];
    const response = await fetch(`${base}/join`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}` },
      body: JSON.stringify({ protocol: 1, publish: { sessionDescription: peer.localDescription, tracks } }),
    });
    if (!response.ok) throw new Error(`join answered ${response.status}: ${await response.text()}`);
    const joined = await response.json();
    await peer.setRemoteDescription(joined.publish.sessionDescription);
    for (let sent = 0; sent === 0;)
      for (const stats of (await transceiver.sender.getStats()).values())
        if (stats.type === 'outbound-rtp') sent += stats.packetsSent;

    const protocols = ['realtime-call.v1', `ticket.${joined.ticket}`];
    const socket = new WebSocket(`${base.replace(/^http/, 'ws')}/socket`, protocols);
    await new Promise<void>((resolve, reject) => {
      socket.addEventListener('close', ({ code }) => reject(new Error(`the socket closed with ${code}`)));
      socket.addEventListener('open', () => {
        const announced = { trackName: 'camera', source: 'camera', muted: false, rids: ['a', 'b', 'c'] };
        socket.send(JSON.stringify({ type: 'hello', protocol: 1, epoch: '', rev: 0 }));
        socket.send(JSON.stringify({ type: 'tracks', sessionId: joined.publish.sessionId, tracks: [announced] }));
        setInterval(() => socket.send('ping'), 10_000);
        resolve();
      });
    });
  };
  for (const seat of seats) await publish(seat);
}
