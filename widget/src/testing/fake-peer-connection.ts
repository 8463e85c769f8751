/** What the fake writes in place of SDP: the sections, as JSON behind what any description begins with. */
export interface FakeSection {
  kind: 'audio' | 'video' | 'application';
  mid: string;
  direction: RTCRtpTransceiverDirection;
}

export interface FakeSdp {
  peerId: string;
  sections: FakeSection[];
}

const HEAD = 'v=0\r\ns=';

export const writeFakeSdp = (sdp: FakeSdp): string => `${HEAD}${JSON.stringify(sdp)}\r\n`;
export const readFakeSdp = (sdp: string): FakeSdp => JSON.parse(sdp.slice(HEAD.length)) as FakeSdp;

/** Some time later, as ICE and DTLS would be; the fake clock waits for it. */
const later: (run: () => void) => void = globalThis.setImmediate ?? globalThis.setTimeout;

/** The slowest at which Chromium checks a path that works. */
const CHECK_INTERVAL_MS = 2_500;

/**
 * `mute`: only checks are answered, as where the session at the SFU is gone. `dark`: nothing comes through. `moved`: checks
 * are answered at another address of this side, and packets go on to the old one.
 */
type Path = 'open' | 'mute' | 'dark' | 'moved';

interface Received {
  packets: number;
  keyFrames: number;
}

class FakeTransceiver {
  readonly kind: 'audio' | 'video';
  mid: string | null = null;
  direction: RTCRtpTransceiverDirection;
  currentDirection: RTCRtpTransceiverDirection | null = null;
  readonly sender: FakeSender;
  readonly receiver;

  constructor(
    peer: FakePeerConnection,
    kind: 'audio' | 'video',
    direction: RTCRtpTransceiverDirection,
    encodings: RTCRtpEncodingParameters[],
  ) {
    this.kind = kind;
    this.direction = direction;
    this.sender = new FakeSender(peer, this, encodings);
    this.receiver = {
      track: { kind, id: crypto.randomUUID() },
      getSynchronizationSources: () => peer.soundIn(this.mid),
    };
  }

  stop(): void {
    this.direction = 'stopped';
  }
}

class FakeSender {
  track: MediaStreamTrack | null = null;
  readonly #peer: FakePeerConnection;
  readonly #transceiver: FakeTransceiver;
  #encodings: RTCRtpEncodingParameters[];
  #packetsSent = 0;

  constructor(peer: FakePeerConnection, transceiver: FakeTransceiver, encodings: RTCRtpEncodingParameters[]) {
    this.#peer = peer;
    this.#transceiver = transceiver;
    this.#encodings = encodings;
  }

  getParameters(): { encodings: RTCRtpEncodingParameters[] } {
    return { encodings: this.#encodings.map((encoding) => ({ ...encoding })) };
  }

  /** As strict as the strictest browser: neither the number of encodings nor their rids may change. */
  setParameters({ encodings }: { encodings: RTCRtpEncodingParameters[] }): Promise<void> {
    if (encodings.map(({ rid }) => rid).join() !== this.#encodings.map(({ rid }) => rid).join())
      return Promise.reject(new DOMException('other encodings', 'InvalidModificationError'));
    this.#encodings = encodings;
    return Promise.resolve();
  }

  replaceTrack(track: MediaStreamTrack | null): Promise<void> {
    this.track = track;
    return Promise.resolve();
  }

  getStats(): Promise<Map<string, object>> {
    const isSending = this.#transceiver.currentDirection === 'sendonly' && this.#peer.connectionState === 'connected';
    if (isSending && this.track) this.#packetsSent++;
    return Promise.resolve(new Map([['out', { type: 'outbound-rtp', packetsSent: this.#packetsSent }]]));
  }
}

interface Negotiated {
  sections: { mid: string; kind: FakeSection['kind']; transceiver: FakeTransceiver | undefined }[];
  mids: Map<FakeTransceiver, string | null>;
}

/**
 * A peer connection that obeys the rules of signalling (states, mids, reuse of stopped sections, rollback) and has
 * Chromium's traps: without a live section the connection is lost for good, and to stop the first one restarts its transport.
 */
export class FakePeerConnection extends EventTarget {
  readonly id = crypto.randomUUID();
  signalingState: RTCSignalingState = 'stable';
  connectionState: RTCPeerConnectionState = 'new';
  localDescription: RTCSessionDescriptionInit | null = null;
  remoteDescription: RTCSessionDescriptionInit | null = null;
  /** Of the servers that help to connect, all addresses. */
  servers: readonly string[] = [];
  /** False: checks are never answered. */
  connects = true;
  transportRestarts = 0;
  /** Milliseconds between two packets, of whatever is received: with DTX many. */
  packetInterval = 1;
  /** What else its reports tell: by type and id, to be changed by a test. */
  readonly counters: Record<string, Record<string, number | string>> = {};
  /** How often it was asked how it does. */
  reports = 0;
  #path: Path = 'open';
  readonly #now: () => number;
  #heardAt = 0;
  #soundAt = 0;
  #answers = 0;
  #answeredAt = 0;
  /** What the SFU sends now, by mid; what it has sent, by mid. */
  readonly incoming = new Map<string, string>();
  readonly #received = new Map<string, Received>();
  /** Its key frame is on the way: a new track's first packets are of no use without. */
  readonly #awaitingKeyFrame = new Map<string, number>();
  readonly #transceivers: FakeTransceiver[] = [];
  #sections: Negotiated['sections'] = [];
  #beforeOffer: Negotiated | undefined;
  #hasChannel = false;
  #nextMid = 0;
  #isPoisoned = false;

  constructor(now: () => number = () => performance.now()) {
    super();
    this.#now = now;
  }

  addTransceiver(
    kind: 'audio' | 'video',
    { direction = 'sendrecv', sendEncodings = [{}] }: RTCRtpTransceiverInit = {},
  ): FakeTransceiver {
    const transceiver = new FakeTransceiver(this, kind, direction, sendEncodings);
    this.#transceivers.push(transceiver);
    return transceiver;
  }

  createDataChannel(): object {
    this.#hasChannel = true;
    return {};
  }

  getTransceivers(): FakeTransceiver[] {
    return [...this.#transceivers];
  }

  async setLocalDescription(description?: { type: 'rollback' }): Promise<void> {
    this.#assertOpen();
    if (description) return this.#rollback();
    if (this.signalingState === 'have-remote-offer') {
      this.#describe('answer');
      this.#settle('stable');
      return this.#connect();
    }
    this.#beforeOffer ??= {
      sections: [...this.#sections],
      mids: new Map(this.#transceivers.map((transceiver) => [transceiver, transceiver.mid])),
    };
    this.#layOut();
    this.#assertBundle();
    this.#describe('offer');
    this.signalingState = 'have-local-offer';
  }

  async setRemoteDescription(description: RTCSessionDescriptionInit): Promise<void> {
    this.#assertOpen();
    const { sections } = readFakeSdp(description.sdp ?? '');
    if (description.type === 'answer') {
      if (this.signalingState !== 'have-local-offer') throw invalidState('an answer without an offer');
      if (sections.length !== this.#sections.length) throw invalidState('the answer has other sections');
      this.#settle('stable');
    } else {
      if (this.signalingState !== 'stable') throw invalidState('an offer that collides');
      for (const [index, { kind, mid }] of sections.entries()) {
        if (this.#sections[index]) continue;
        const transceiver = kind === 'application' ? undefined : this.addTransceiver(kind, { direction: 'recvonly' });
        if (transceiver) transceiver.mid = mid;
        this.#sections.push({ kind, mid, transceiver });
      }
      this.signalingState = 'have-remote-offer';
    }
    this.remoteDescription = description;
    for (const [index, { direction }] of sections.entries()) this.#agree(index, direction);
    if (description.type === 'answer') this.#connect();
  }

  getStats(): Promise<Map<string, object>> {
    this.reports += 1;
    for (const mid of this.incoming.keys()) {
      if (this.connectionState !== 'connected' || this.path !== 'open') continue;
      const received = this.#received.get(mid) ?? { packets: 0, keyFrames: 0 };
      const looks = this.#awaitingKeyFrame.get(mid) ?? 0;
      this.#awaitingKeyFrame.set(mid, looks + 1);
      this.#received.set(mid, { packets: received.packets + 1, keyFrames: received.keyFrames + (looks === 1 ? 1 : 0) });
    }
    const stats = [...this.#received].map(
      ([mid, { packets, keyFrames }]) =>
        [
          mid,
          { type: 'inbound-rtp', mid, packetsReceived: packets, keyFramesDecoded: keyFrames, framesDecoded: packets },
        ] as const,
    );
    const counters = Object.entries(this.counters).map(
      ([type, fields]) => [`more ${type}`, { type: type.split(' ')[0], ...fields }] as const,
    );
    return Promise.resolve(new Map<string, object>([...stats, ...counters, ...this.#describePath()]));
  }

  get path(): Path {
    return this.#path;
  }

  set path(path: Path) {
    if (this.#path === 'open') this.#heardAt = this.#lastPacketAt;
    this.#path = path;
  }

  /** True once it was made to send. */
  get isPublishing(): boolean {
    return this.#transceivers.some(({ direction }) => direction === 'sendonly');
  }

  /** The newest packet of sound in that section, if any came of late. */
  soundIn(mid: string | null): { rtpTimestamp: number; audioLevel: number }[] {
    if (!/\/(microphone|screen-audio)/.test(this.incoming.get(mid ?? '') ?? '')) return [];
    if (this.connectionState === 'connected' && this.path === 'open') this.#soundAt = this.#lastPacketAt;
    return [{ rtpTimestamp: this.#soundAt, audioLevel: 0 }];
  }

  get #lastPacketAt(): number {
    return Math.floor(this.#now() / this.packetInterval) * this.packetInterval;
  }

  /** As Chromium tells of the pair in use: when the last packet came, and how many checks were answered. */
  #describePath(): [string, object][] {
    if (this.connectionState !== 'connected') return [];
    const now = this.#now();
    const isHeard = this.incoming.size > 0 || this.#transceivers.some(({ sender }) => sender.track);
    if (this.path === 'open' && isHeard) this.#heardAt = this.#lastPacketAt;
    if (this.path !== 'dark' && now - this.#answeredAt >= CHECK_INTERVAL_MS) {
      this.#answers += 1;
      this.#answeredAt = now;
    }
    const pair = { lastPacketReceivedTimestamp: this.#heardAt, responsesReceived: this.#answers, requestsSent: 0 };
    const id = this.path === 'moved' ? 'other-pair' : 'pair';
    return [
      ['transport', { type: 'transport', id: 'transport', selectedCandidatePairId: id }],
      [id, { type: 'candidate-pair', id, timestamp: now, currentRoundTripTime: 0.05, ...pair }],
    ];
  }

  /** The SFU sends a track in that section, or nothing more. */
  receive(mid: string, key: string | undefined): void {
    if (key === undefined) {
      this.incoming.delete(mid);
      return;
    }
    if (this.incoming.get(mid) !== key) this.#awaitingKeyFrame.set(mid, 0);
    this.incoming.set(mid, key);
  }

  /** The network, or the other side, has its way with the transport. */
  become(state: RTCPeerConnectionState): void {
    if (this.connectionState === 'closed' || this.connectionState === state) return;
    this.connectionState = state;
    this.dispatchEvent(new Event('connectionstatechange'));
  }

  close(): void {
    this.connectionState = 'closed';
    this.signalingState = 'closed';
    this.incoming.clear();
  }

  /** The sections as the other side would count them. */
  get sectionCount(): number {
    return this.#sections.length;
  }

  #assertOpen(): void {
    if (this.signalingState === 'closed') throw invalidState('the connection is closed');
    if (this.#isPoisoned) throw new DOMException('no BUNDLE group', 'OperationError');
  }

  /** Gives each new transceiver a section: a stopped one's, or a new one. */
  #layOut(): void {
    for (const transceiver of this.#transceivers) {
      if (transceiver.mid !== null || transceiver.direction === 'stopped') continue;
      const section = { kind: transceiver.kind, mid: String(this.#nextMid++), transceiver };
      transceiver.mid = section.mid;
      const free = this.#sections.findIndex(({ transceiver: owner }) => owner?.currentDirection === 'stopped');
      if (free < 0) this.#sections.push(section);
      else this.#sections[free] = section;
    }
    if (this.#hasChannel && !this.#sections.some(({ kind }) => kind === 'application'))
      this.#sections.push({ kind: 'application', mid: String(this.#nextMid++), transceiver: undefined });
  }

  #assertBundle(): void {
    const isLive = ({ transceiver }: Negotiated['sections'][number]) => transceiver?.direction !== 'stopped';
    if (this.#sections.length > 0 && !this.#sections.some(isLive)) {
      this.#isPoisoned = true;
      throw new DOMException('no BUNDLE group', 'OperationError');
    }
    const [first] = this.#sections;
    if (this.remoteDescription && first?.transceiver?.direction === 'stopped') this.transportRestarts++;
  }

  #describe(type: 'offer' | 'answer'): void {
    const sections = this.#sections.map(({ kind, mid, transceiver }) => ({
      kind,
      mid,
      direction: transceiver?.direction ?? ('sendrecv' as const),
    }));
    this.localDescription = { type, sdp: writeFakeSdp({ peerId: this.id, sections }) };
  }

  /** `theirs` is the direction as the other side states it. */
  #agree(index: number, theirs: RTCRtpTransceiverDirection): void {
    const transceiver = this.#sections[index]?.transceiver;
    if (!transceiver) return;
    if (transceiver.direction === 'stopped' || theirs === 'stopped') transceiver.currentDirection = 'stopped';
    else if (theirs === 'inactive' || transceiver.direction === 'inactive') transceiver.currentDirection = 'inactive';
    else transceiver.currentDirection = transceiver.direction;
  }

  #settle(state: RTCSignalingState): void {
    this.signalingState = state;
    this.#beforeOffer = undefined;
  }

  #rollback(): void {
    if (this.signalingState !== 'have-local-offer' || !this.#beforeOffer)
      throw invalidState('there is no offer to take back');
    const { sections, mids } = this.#beforeOffer;
    this.#sections = sections;
    for (const transceiver of this.#transceivers) transceiver.mid = mids.get(transceiver) ?? null;
    this.#settle('stable');
  }

  /** Some time later, as ICE and DTLS would. */
  #connect(): void {
    if (this.connectionState !== 'new') return;
    this.become('connecting');
    later(() => {
      if (this.connects && this.connectionState === 'connecting') this.become('connected');
    });
  }
}

function invalidState(message: string): DOMException {
  return new DOMException(message, 'InvalidStateError');
}
