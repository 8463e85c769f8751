import type { PlainSeat } from './plain-client.ts';

/** Of the best of the three layers. */
export const CAMERA_WIDTH = 960;

/**
 * Runs in a page. Several people who send one camera in the widget's three layers, from connections of their own; resolves
 * once all of them send each layer at about the rate it may have, and the room knows. They receive nothing.
 */
export async function publishInLayers(seats: readonly PlainSeat[]): Promise<void> {
  // Ten cameras at full rate are more than a small machine encodes and carries. To each other the layers are as they are.
  // Below that, Chromium would give the second of them more than it may have.
  const THRIFT = 2;
  const FRAMES_PER_SECOND = 3;
  /** Of what a layer may have. */
  const ENOUGH = 0.6;
  const PATIENCE_MS = 60_000;
  // Of smaller pictures Chromium makes two layers only.
  const [WIDTH, HEIGHT] = [960, 540];
  const camera = showBusyPicture();
  const sendEncodings = [
    { rid: 'a', maxBitrate: 1_200_000 / THRIFT },
    { rid: 'b', maxBitrate: 350_000 / THRIFT, scaleResolutionDownBy: 2 },
    { rid: 'c', maxBitrate: 120_000 / THRIFT, scaleResolutionDownBy: 4 },
  ];
  const publish = async ({ base, token }: PlainSeat): Promise<void> => {
    const peer = new RTCPeerConnection({ bundlePolicy: 'max-bundle' });
    const transceiver = peer.addTransceiver(camera, { direction: 'sendonly', sendEncodings });
    // A machine that is busy would send smaller ones.
    await transceiver.sender.setParameters({
      ...transceiver.sender.getParameters(),
      degradationPreference: 'maintain-resolution',
    } as RTCRtpSendParameters);
    await peer.setLocalDescription();
    const tracks = [{ location: 'local', mid: transceiver.mid, trackName: 'camera' }];
    const response = await fetch(`${base}/join`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}` },
      body: JSON.stringify({ protocol: 1, publish: { sessionDescription: peer.localDescription, tracks } }),
    });
    if (!response.ok) throw new Error(`join answered ${response.status}: ${await response.text()}`);
    const joined = await response.json();
    const { type, sdp } = joined.publish.sessionDescription;
    await peer.setRemoteDescription({ type, sdp: withLeastRate(sdp) });
    const socket = new WebSocket(`${base.replace(/^http/, 'ws')}/socket`, [
      'realtime-call.v1',
      `ticket.${joined.ticket}`,
    ]);
    const say = (message: object) => socket.send(JSON.stringify(message));
    await new Promise<void>((resolve, reject) => {
      socket.addEventListener('close', ({ code }) => reject(new Error(`the socket closed with ${code}`)));
      socket.addEventListener('open', () => resolve());
    });
    say({ type: 'hello', protocol: 1, epoch: '', rev: 0 });
    setInterval(() => socket.send('ping'), 10_000);
    await sendsInFull(transceiver.sender);
    const announced = { trackName: 'camera', source: 'camera', muted: false, rids: ['a', 'b', 'c'] };
    say({ type: 'tracks', sessionId: joined.publish.sessionId, tracks: [announced] });
  };
  await Promise.all(seats.map(publish));

  /** Large and fine parts, all of them new in each picture: an encoder finds a use for any rate, and can keep to it. */
  function showBusyPicture(): MediaStreamTrack {
    const scene = new OffscreenCanvas(2 * WIDTH, 2 * HEIGHT);
    const paint = scene.getContext('2d')!;
    const fill = (size: number, color: () => string) => {
      for (let left = 0; left < scene.width; left += size)
        for (let top = 0; top < scene.height; top += size) {
          paint.fillStyle = color();
          paint.fillRect(left, top, size, size);
        }
    };
    fill(48, () => `hsl(${Math.random() * 360} 40% ${20 + Math.random() * 60}%)`);
    fill(4, () => `hsl(0 0% ${Math.random() * 100}% / 0.2)`);
    const shown = document.createElement('canvas');
    [shown.width, shown.height] = [WIDTH, HEIGHT];
    const context = shown.getContext('2d')!;
    const [track] = shown.captureStream(0).getVideoTracks() as CanvasCaptureMediaStreamTrack[];
    setInterval(() => {
      context.drawImage(scene, -Math.random() * WIDTH, -Math.random() * HEIGHT);
      track!.requestFrame();
    }, 1_000 / FRAMES_PER_SECOND);
    return track!;
  }

  /** Chromium's own: what gets through on a busy machine is estimated too low, and the best layer would come and go. */
  function withLeastRate(answer: string): string {
    const kilobits = sendEncodings.reduce((sum, { maxBitrate }) => sum + maxBitrate, 0) / 1_000;
    const rates = `x-google-min-bitrate=${kilobits};x-google-start-bitrate=${kilobits}`;
    return answer.replace(
      /^a=rtpmap:(\d+) VP8\/90000\r\n/m,
      (line, payload) => `${line}a=fmtp:${payload} ${rates}\r\n`,
    );
  }

  async function sendsInFull(sender: RTCRtpSender): Promise<void> {
    const bytes = async () => {
      const sent = new Map<string, number>();
      for (const { type, rid, bytesSent } of (await sender.getStats()).values())
        if (type === 'outbound-rtp') sent.set(rid, bytesSent);
      return sent;
    };
    for (const start = performance.now(); ;) {
      const before = await bytes();
      await new Promise((resolve) => setTimeout(resolve, 2_000));
      const after = await bytes();
      const rate = (rid: string) => ((after.get(rid) ?? 0) - (before.get(rid) ?? 0)) * 4;
      if (sendEncodings.every(({ rid, maxBitrate }) => rate(rid) > ENOUGH * maxBitrate)) return;
      if (performance.now() - start > PATIENCE_MS)
        throw new Error(`a camera is sent at ${sendEncodings.map(({ rid }) => rate(rid)).join()} bit/s only`);
    }
  }
}
