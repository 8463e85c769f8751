import { readFileSync } from 'node:fs';

/**
 * A description as Chromium 153 wrote it. `publish`: microphone, camera, data. `simulcast`: three layers. `receive`: one
 * section of each kind. `answer`: to the SFU's offer of sound and picture. `stopped`: its next offer, the first section stopped.
 */
export type GoldenName = 'publish' | 'simulcast' | 'receive' | 'answer' | 'stopped';

export function goldenSdp(name: GoldenName): string {
  const text = readFileSync(new URL(`../sdp/golden/chromium-${name}.sdp`, import.meta.url), 'utf8');
  // However the repository was checked out.
  return text.replace(/\r?\n/g, '\r\n');
}
