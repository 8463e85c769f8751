/** Runs in the page before its own scripts: counts what a test cannot see from outside. Never changes what the page does. */
export function installProbe(): void {
  const connections: RTCPeerConnection[] = [];
  const captured: MediaStreamTrack[] = [];
  Object.assign(globalThis, { callProbe: { connections, captured } });

  globalThis.RTCPeerConnection = class extends RTCPeerConnection {
    constructor(configuration?: RTCConfiguration) {
      super(configuration);
      connections.push(this);
    }
  };
  const devices = globalThis.MediaDevices?.prototype;
  if (!devices) return;
  for (const method of ['getUserMedia', 'getDisplayMedia'] as const) {
    const capture = devices[method];
    devices[method] = async function (this: MediaDevices, ...request: Parameters<typeof capture>) {
      const stream = await capture.apply(this, request);
      captured.push(...stream.getTracks());
      return stream;
    };
  }
}

interface Probe {
  connections: RTCPeerConnection[];
  captured: MediaStreamTrack[];
}

declare global {
  var callProbe: Probe;
}

/** Energy of each sound received, by the id of its track. It stays 0 where nothing plays it. */
export async function readEnergies(): Promise<Record<string, number>> {
  const energies: Record<string, number> = {};
  for (const connection of callProbe.connections)
    for (const report of (await connection.getStats()).values() as Iterable<Record<string, unknown>>)
      if (report['type'] === 'inbound-rtp' && report['kind'] === 'audio')
        energies[String(report['trackIdentifier'])] = Number(report['totalAudioEnergy'] ?? 0);
  return energies;
}

/** Bytes of pictures received so far, by all connections. */
export async function countVideoBytes(): Promise<number> {
  let bytes = 0;
  for (const connection of callProbe.connections)
    for (const report of (await connection.getStats()).values() as Iterable<Record<string, unknown>>)
      if (report['type'] === 'inbound-rtp' && report['kind'] === 'video') bytes += Number(report['bytesReceived'] ?? 0);
  return bytes;
}

/** The layers of pictures that are encoded now, best first. */
export async function readSentLayers(): Promise<string> {
  const rids: string[] = [];
  for (const connection of callProbe.connections)
    for (const report of (await connection.getStats()).values() as Iterable<Record<string, unknown>>)
      if (report['type'] === 'outbound-rtp' && report['kind'] === 'video' && report['active'] === true)
        rids.push(String(report['rid'] ?? ''));
  return rids.sort().join('');
}

/** The labels of the devices and screens that are open now. */
export function readLiveCaptures(): string[] {
  return callProbe.captured
    .filter((track) => track.readyState === 'live')
    .map((track) => `${track.kind} ${track.label}`);
}

/** Connections not closed. */
export function countOpenConnections(): number {
  return callProbe.connections.filter((connection) => connection.connectionState !== 'closed').length;
}

/** Packets of sound so far, by all connections, and when that was. */
export async function countSoundPackets(): Promise<{ at: number; sent: number; received: number }> {
  const packets = { at: performance.now(), sent: 0, received: 0 };
  for (const connection of callProbe.connections)
    for (const report of (await connection.getStats()).values() as Iterable<Record<string, unknown>>) {
      if (report['kind'] !== 'audio') continue;
      if (report['type'] === 'outbound-rtp') packets.sent += Number(report['packetsSent'] ?? 0);
      if (report['type'] === 'inbound-rtp') packets.received += Number(report['packetsReceived'] ?? 0);
    }
  return packets;
}
