import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { PeerConnection, type RtcConfig } from 'node-datachannel';
import { makeCertificate } from './certificate.ts';
import { DatachannelTransport } from './datachannel-transport.ts';
import type { Engine, RawTransport } from './raw-transport.ts';

/** Sessions close on threads of libdatachannel's own; it has no event for the end of that. */
const CLOSING_MS = 100;
const HOST_PRIORITY = 2_130_706_431;

/**
 * libdatachannel as a pipe, all sessions on one UDP port that is free. Must not run in a worker thread: ending the thread hangs.
 */
export async function startDatachannelEngine(address: string): Promise<Engine> {
  const certificate = makeCertificate();
  const folder = mkdtempSync(join(tmpdir(), 'local-sfu-'));
  const certificatePemFile = join(folder, 'certificate.pem');
  const keyPemFile = join(folder, 'key.pem');
  writeFileSync(certificatePemFile, certificate.certificatePem, { mode: 0o600 });
  writeFileSync(keyPemFile, certificate.privateKeyPem, { mode: 0o600 });

  const port = await freePort(address);
  const ice: RtcConfig = {
    iceServers: [],
    bindAddress: address,
    enableIceUdpMux: true,
    portRangeBegin: port,
    portRangeEnd: port,
    disableAutoNegotiation: true,
  };
  const candidates = localAddresses(address).map(
    (host, index) => `${index + 1} 1 udp ${HOST_PRIORITY - index * 256} ${host} ${port} typ host`,
  );
  const holder = holdPort(ice);
  return {
    fingerprint: certificate.fingerprint,
    newTransport: (): RawTransport => new DatachannelTransport({ ...ice, certificatePemFile, keyPemFile }, candidates),
    async close() {
      holder.close();
      rmSync(folder, { recursive: true, force: true });
      await delay(CLOSING_MS);
    },
  };
}

/** A busy port makes libdatachannel throw on a thread of its own, which ends the process: so the port is tried first. */
async function freePort(address: string): Promise<number> {
  const socket = createSocket('udp4');
  socket.bind(0, address);
  await once(socket, 'listening');
  const { port } = socket.address();
  socket.close();
  await once(socket, 'close');
  return port;
}

/** The shared socket closes with the last session that uses it; this one nobody talks to keeps it. */
function holdPort(ice: RtcConfig): PeerConnection {
  const holder = new PeerConnection('holder', ice);
  holder.createDataChannel('');
  holder.setLocalDescription('offer');
  return holder;
}

function localAddresses(address: string): string[] {
  if (address !== '0.0.0.0') return [address];
  const outside = Object.values(networkInterfaces())
    .flat()
    .filter((entry) => entry !== undefined && entry.family === 'IPv4' && !entry.internal)
    .map((entry) => entry!.address);
  return ['127.0.0.1', ...outside];
}
