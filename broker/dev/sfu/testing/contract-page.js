/** Far from the ids that channels get. */
const PROBE_CHANNEL_ID = 1000;

/**
 * A client of the SFU's API, run in a page by contract.test.ts. It calls the API itself, so that CORS is under test too.
 * Everything that leaves this file is plain data.
 */
class Client {
  sessionId = '';
  /** A channel nobody holds is closed. */
  channel;
  /** Every call and its answer, for the check against the API's shapes. */
  exchanges = [];
  #api;
  #token;
  #connection = new RTCPeerConnection({ bundlePolicy: 'max-bundle' });
  #elements = new Map();
  #gaps = new Map();
  /** By name: the channel, and what came on it. */
  #channels = new Map();

  constructor(api, token) {
    this.#api = api;
    this.#token = token;
  }

  /** Answers `{ status, body }`. A string goes out as it is. */
  async call(method, path, body) {
    const response = await fetch(`${this.#api}${path}`, {
      method,
      headers: { authorization: `Bearer ${this.#token}` },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const answer = await response.json();
    this.exchanges.push({ method, path, request: body, status: response.status, answer });
    return { status: response.status, body: answer };
  }

  onSession(method, path, body) {
    return this.call(method, `/sessions/${this.sessionId}${path}`, body);
  }

  /** Opens a session: without a body, or with the offer of the present state. */
  async open({ withOffer = false } = {}) {
    const sessionDescription = withOffer ? await this.offer() : undefined;
    const { status, body } = await this.call('POST', '/sessions/new', sessionDescription && { sessionDescription });
    if (body.sessionDescription) await this.#connection.setRemoteDescription(body.sessionDescription);
    this.sessionId = body.sessionId;
    return { status, sessionId: body.sessionId, description: body.sessionDescription?.type };
  }

  /** Publishes `[{ name, source: 'camera' | 'microphone' | 'pattern' | 'square', rids?, codec? }]`; without names the
   * SFU invents them, a null source sends nothing. */
  async push(list, { bothWays = false } = {}) {
    const transceivers = [];
    for (const { source, rids, codec } of list) {
      const sendEncodings = rids?.map((rid, index) => ({ rid, scaleResolutionDownBy: 2 ** index }));
      const init = { direction: bothWays ? 'sendrecv' : 'sendonly', ...(sendEncodings && { sendEncodings }) };
      const transceiver = this.#connection.addTransceiver(source ? await capture(source) : 'video', init);
      if (codec) transceiver.setCodecPreferences(codecsFirst(codec));
      transceivers.push(transceiver);
    }
    const sessionDescription = await this.offer();
    const both = bothWays ? { bidirectionalMediaStream: true } : {};
    const tracks = list.flatMap(({ name }, index) =>
      name ? [{ location: 'local', mid: transceivers[index].mid, trackName: name, ...both }] : [],
    );
    const autoDiscover = tracks.length < list.length ? { autoDiscover: true } : {};
    const reply = await this.onSession('POST', '/tracks/new', { sessionDescription, tracks, ...autoDiscover });
    if (reply.body.sessionDescription) await this.#connection.setRemoteDescription(reply.body.sessionDescription);
    return summary(reply);
  }

  /** Publishes again on a section that is already there. */
  async pushOnto(mid, name) {
    const sessionDescription = await this.offer();
    const tracks = [{ location: 'local', mid, trackName: name }];
    const reply = await this.onSession('POST', '/tracks/new', { sessionDescription, tracks });
    if (reply.body.sessionDescription) await this.#connection.setRemoteDescription(reply.body.sessionDescription);
    return summary(reply);
  }

  /** Pulls `[{ sessionId, trackName, simulcast? }]` by the SFU's offer, and answers it unless told not to. */
  async pull(list, { answer = true } = {}) {
    const tracks = list.map((track) => ({ location: 'remote', ...track }));
    const reply = await this.onSession('POST', '/tracks/new', { tracks });
    const offer = reply.body.sessionDescription;
    if (!offer || !answer) return summary(reply);
    await this.#connection.setRemoteDescription(offer);
    return { ...summary(reply), answered: await this.answer() };
  }

  /** Answers the offer that was set; the status of the call. */
  async answer() {
    await this.#connection.setLocalDescription();
    return this.repeatAnswer();
  }

  async repeatAnswer() {
    const { status } = await this.onSession('PUT', '/renegotiate', { sessionDescription: this.#local() });
    return status;
  }

  /** Pulls `[{ sessionId, trackName }]` onto new receiving sections of the given kinds. */
  async pullByOffer(kinds, list) {
    for (const kind of kinds) this.#connection.addTransceiver(kind, { direction: 'recvonly' });
    const sessionDescription = await this.offer();
    const tracks = list.map((track) => ({ location: 'remote', ...track }));
    const reply = await this.onSession('POST', '/tracks/new', { sessionDescription, tracks });
    if (reply.body.sessionDescription) await this.#connection.setRemoteDescription(reply.body.sessionDescription);
    return summary(reply);
  }

  /** Answers an offer that came by another way; the status of the call. */
  async answerOffer(offer) {
    await this.#connection.setRemoteDescription(offer);
    return this.answer();
  }

  /** Makes the same call on the session twice at once. */
  both(method, path, body) {
    return Promise.all([this.onSession(method, path, body), this.onSession(method, path, body)]);
  }

  /** Asks the SFU to offer sections that go both ways, and answers with the given sources: `[{ name, kind, source }]`. */
  async pushByAnswer(list) {
    const tracks = list.map(({ name, kind }) => ({
      location: 'local',
      trackName: name,
      kind,
      bidirectionalMediaStream: true,
    }));
    const reply = await this.onSession('POST', '/tracks/new', { tracks });
    await this.#connection.setRemoteDescription(reply.body.sessionDescription);
    for (const [index, { mid }] of reply.body.tracks.entries()) {
      const transceiver = this.#transceiver(mid);
      transceiver.direction = 'sendrecv';
      await transceiver.sender.replaceTrack(await capture(list[index].source));
    }
    return { ...summary(reply), answered: await this.answer() };
  }

  /** An offer that sends the given sources. */
  async offerOf(sources) {
    for (const source of sources) this.#connection.addTransceiver(await capture(source), { direction: 'sendonly' });
    return this.offer();
  }

  /** Offers new ICE credentials. */
  async restartIce() {
    this.#connection.restartIce();
    const sessionDescription = await this.offer();
    const reply = await this.onSession('POST', '/tracks/new', { sessionDescription, autoDiscover: true });
    if (reply.body.sessionDescription) await this.#connection.setRemoteDescription(reply.body.sessionDescription);
    return summary(reply);
  }

  /** Closes with an offer in which the sections are stopped. */
  async close(mids) {
    for (const mid of mids) this.#transceiver(mid).stop();
    const sessionDescription = await this.offer();
    const tracks = mids.map((mid) => ({ mid }));
    const reply = await this.onSession('PUT', '/tracks/close', { force: false, tracks, sessionDescription });
    if (reply.body.sessionDescription) await this.#connection.setRemoteDescription(reply.body.sessionDescription);
    return summary(reply);
  }

  addDataChannel(label) {
    this.channel = this.#connection.createDataChannel(label);
  }

  /** Of `sctp.state` Chromium sometimes misses the last change: so a channel tells, which takes nothing but the transport to open. */
  async dataConnected() {
    const channel = this.#connection.createDataChannel('', { negotiated: true, id: PROBE_CHANNEL_ID });
    await until(() => channel.readyState === 'open');
    channel.close();
  }

  /** Sets the section for data channels up: with an offer of the page's, or by the SFU's, which it answers. */
  async establish({ withOffer = false } = {}) {
    if (withOffer) this.addDataChannel('server-events');
    const dataChannel = { location: 'remote', dataChannelName: 'server-events' };
    const offer = withOffer ? { sessionDescription: await this.offer() } : {};
    const reply = await this.onSession('POST', '/datachannels/establish', { dataChannel, ...offer });
    const { sessionDescription } = reply.body;
    if (sessionDescription) await this.#connection.setRemoteDescription(sessionDescription);
    if (sessionDescription?.type !== 'offer') return summary(reply);
    return { ...summary(reply), answered: await this.answer() };
  }

  /** Opens `[{ location, dataChannelName, sessionId?, ... }]` and the page's end of each. */
  async openChannels(dataChannels) {
    const reply = await this.onSession('POST', '/datachannels/new', { dataChannels });
    reply.body.dataChannels?.forEach(({ dataChannelName, id }, index) => {
      if (id === undefined) return;
      const { ordered, maxRetransmits, maxPacketLifeTime } = dataChannels[index];
      this.openChannel(dataChannelName, { id, ordered, maxRetransmits, maxPacketLifeTime });
    });
    return summary(reply);
  }

  openChannel(name, options) {
    const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
    const channel = this.#connection.createDataChannel(name, { negotiated: true, ...given });
    channel.binaryType = 'arraybuffer';
    const messages = [];
    channel.addEventListener('message', ({ data }) =>
      messages.push(typeof data === 'string' ? data : [...new Uint8Array(data)]),
    );
    this.#channels.set(name, { channel, messages });
  }

  channelOpen(name) {
    return until(() => this.#channels.get(name).channel.readyState === 'open');
  }

  channelClosed(name) {
    return until(() => this.#channels.get(name).channel.readyState === 'closed');
  }

  /** Sends messages on a channel: text, or a list of bytes. */
  say(name, ...messages) {
    const { channel } = this.#channels.get(name);
    for (const message of messages) channel.send(typeof message === 'string' ? message : new Uint8Array(message));
  }

  /** What has come on a channel, once it is that many messages. */
  async heard(name, count) {
    const { messages } = this.#channels.get(name);
    await until(() => messages.length >= count);
    return messages;
  }

  state() {
    return this.#connection.connectionState;
  }

  /** Resolves when ICE is in that state; the milliseconds that took. */
  async iceBecomes(state) {
    const start = performance.now();
    while (this.#connection.iceConnectionState !== state)
      await new Promise((resolve) =>
        this.#connection.addEventListener('iceconnectionstatechange', resolve, { once: true }),
      );
    return performance.now() - start;
  }

  /** Of the path in use, or last in use: what this page received on it, and how often its checks were answered. */
  async path() {
    const [{ selectedCandidatePairId }] = await this.#stats('transport');
    const found = (await this.#stats('candidate-pair')).find(({ id }) => id === selectedCandidatePairId) ?? {};
    const { state, packetsReceived, responsesReceived } = found;
    return { state, packetsReceived, responsesReceived };
  }

  async connected() {
    while (this.#connection.connectionState !== 'connected')
      await new Promise((resolve) =>
        this.#connection.addEventListener('connectionstatechange', resolve, { once: true }),
      );
  }

  /** Resolves when every track that is sent has sent a few packets, so that the SFU has had one of each. */
  flowing() {
    const isSent = ({ currentDirection, sender }) => currentDirection?.startsWith('send') && sender.track;
    const mids = this.#connection.getTransceivers().flatMap((one) => (isSent(one) ? [one.mid] : []));
    return until(async () => {
      const streams = (await this.#stats('outbound-rtp')).filter(({ packetsSent }) => packetsSent >= 5);
      return mids.every((mid) => streams.some((stream) => stream.mid === mid));
    });
  }

  async replaceTrack(mid, source) {
    await this.#transceiver(mid).sender.replaceTrack(source && (await capture(source)));
  }

  /** Plays a received track and resolves at its first frame, or its first sound. */
  async play(mid) {
    const { track } = this.#transceiver(mid).receiver;
    const element = document.createElement(track.kind);
    element.autoplay = true;
    // A muted audio element would keep the audio energy at zero.
    element.muted = track.kind === 'video';
    element.srcObject = new MediaStream([track]);
    document.body.append(element);
    this.#elements.set(mid, element);
    if (track.kind === 'video') return nextFrame(element);
    await until(async () => (await this.received(mid)).totalAudioEnergy > 0);
    return {};
  }

  /** Pulls one video and plays it; the milliseconds from the call to the first frame. */
  async timeToFrame(track) {
    const start = performance.now();
    const { tracks } = await this.pull([track]);
    const { at, width } = await this.play(tracks[0].mid);
    return { milliseconds: at - start, width, mid: tracks[0].mid };
  }

  /** Resolves at a frame of that width. */
  async frameOfWidth(mid, wanted) {
    for (;;) {
      const { width } = await nextFrame(this.#elements.get(mid));
      if (width === wanted) return width;
    }
  }

  /** Begins to measure how long the picture of a played track stands still. */
  watchGaps(mid) {
    const watch = { longest: 0, last: performance.now() };
    this.#gaps.set(mid, watch);
    const element = this.#elements.get(mid);
    const onFrame = (now) => {
      watch.longest = Math.max(watch.longest, now - watch.last);
      watch.last = now;
      if (this.#gaps.get(mid) === watch) element.requestVideoFrameCallback(onFrame);
    };
    element.requestVideoFrameCallback(onFrame);
  }

  /** Ends it; the longest time between two frames, in milliseconds. */
  longestGap(mid) {
    const { longest, last } = this.#gaps.get(mid);
    this.#gaps.delete(mid);
    return Math.max(longest, performance.now() - last);
  }

  /** Resolves at a square frame: the square pattern's, at whatever size the bandwidth allows. */
  async squareFrame(mid) {
    for (;;) {
      const { width, height } = await nextFrame(this.#elements.get(mid));
      if (width === height) return;
    }
  }

  async received(mid) {
    const found = (await this.#stats('inbound-rtp')).find((one) => one.mid === mid) ?? {};
    const { framesDecoded, packetsLost, packetsReceived, totalAudioEnergy, frameWidth, ssrc } = found;
    return { framesDecoded, packetsLost, packetsReceived, totalAudioEnergy, frameWidth, ssrc };
  }

  /** How loud a sound is by what its packets say, from 0 to 1; null where they say nothing. */
  soundLevel(mid) {
    const [source] = this.#transceiver(mid).receiver.getSynchronizationSources();
    return source?.audioLevel ?? null;
  }

  async repairs(mid) {
    const found = (await this.#stats('inbound-rtp')).find((one) => one.mid === mid);
    const { nackCount, retransmittedPacketsReceived } = found;
    return { nackCount, retransmittedPacketsReceived };
  }

  async sentRepairs() {
    const [{ nackCount, retransmittedPacketsSent }] = await this.#stats('outbound-rtp');
    return { nackCount, retransmittedPacketsSent };
  }

  /** Resolves when that many more frames are decoded. */
  async moreFrames(mid, count) {
    const before = (await this.received(mid)).framesDecoded ?? 0;
    await until(async () => ((await this.received(mid)).framesDecoded ?? 0) >= before + count);
  }

  /** Resolves when that many packets more have come. */
  async morePackets(mid, count) {
    const before = (await this.received(mid)).packetsReceived ?? 0;
    await until(async () => ((await this.received(mid)).packetsReceived ?? 0) >= before + count);
  }

  /** Resolves when no packet has come for that long. */
  async silent(mid, milliseconds) {
    let last = -1;
    let since = performance.now();
    await until(async () => {
      const { packetsReceived } = await this.received(mid);
      if (packetsReceived !== last) {
        last = packetsReceived;
        since = performance.now();
      }
      return performance.now() - since > milliseconds;
    });
  }

  /** Resolves when the layer of that rid sends. */
  async sending(rid) {
    await until(async () => (await this.#stats('outbound-rtp')).some((one) => one.rid === rid && one.framesSent > 0));
  }

  /** Resolves when the bandwidth estimate is above that. */
  async bitrateAbove(bitsPerSecond) {
    await until(async () => {
      const pairs = await this.#stats('candidate-pair');
      return pairs.some(
        ({ nominated, availableOutgoingBitrate }) => nominated && availableOutgoingBitrate > bitsPerSecond,
      );
    });
  }

  /** The mids and directions as the browser sees them. */
  directions() {
    return this.#connection.getTransceivers().map(({ mid, currentDirection }) => [mid, currentDirection]);
  }

  leave() {
    this.#connection.close();
  }

  async offer() {
    await this.#connection.setLocalDescription();
    return this.#local();
  }

  #local() {
    const { type, sdp } = this.#connection.localDescription;
    return { type, sdp };
  }

  #transceiver(mid) {
    return this.#connection.getTransceivers().find((transceiver) => transceiver.mid === mid);
  }

  async #stats(type) {
    return [...(await this.#connection.getStats()).values()].filter((one) => one.type === type);
  }
}

function nextFrame(element) {
  return new Promise((resolve) =>
    element.requestVideoFrameCallback((_, { width, height }) => resolve({ width, height, at: performance.now() })),
  );
}

/** Statistics raise no event, so they are read again and again. */
async function until(test) {
  while (!(await test())) await new Promise((resolve) => setTimeout(resolve, 20));
}

async function capture(source) {
  if (source === 'pattern') return drawPattern(1280, 720);
  if (source === 'square') return drawPattern(240, 240);
  if (source === 'microphone') {
    const audio = { echoCancellation: false, noiseSuppression: false, autoGainControl: false };
    return (await navigator.mediaDevices.getUserMedia({ audio })).getAudioTracks()[0];
  }
  const video = { width: 640, height: 360, frameRate: 30 };
  return (await navigator.mediaDevices.getUserMedia({ video })).getVideoTracks()[0];
}

/** Noise that changes with each frame, so that a large layer needs more bits than a small one. */
function drawPattern(width, height) {
  const canvas = Object.assign(document.createElement('canvas'), { width, height });
  const context = canvas.getContext('2d');
  setInterval(() => {
    for (let count = 0; count < 40; count++) {
      context.fillStyle = `hsl(${Math.random() * 360} 80% 50%)`;
      context.fillRect(Math.random() * width, Math.random() * height, width / 10, height / 8);
    }
  }, 40);
  return canvas.captureStream(25).getVideoTracks()[0];
}

/** All video codecs, those of a MIME type first. */
function codecsFirst(mimeType) {
  const { codecs } = RTCRtpReceiver.getCapabilities('video');
  return codecs.toSorted((a, b) => Number(b.mimeType === mimeType) - Number(a.mimeType === mimeType));
}

function summary({ status, body }) {
  const { sessionDescription, ...rest } = body;
  return { status, description: sessionDescription?.type, ...rest };
}

globalThis.startClient = (api, token) => {
  globalThis.client = new Client(api, token);
};
