import { log } from '../log.ts';
import { withTimeLimit } from '../time-limit.ts';
import type { Outgoing } from './outbox.ts';
import type { WebhookTarget } from './webhook-target.ts';

const TIMEOUT_MS = 10_000;

/**
 * Sends one event, signed as the Standard Webhooks have it. True where the receiver took it; never throws. Of the answer
 * nothing is read but its status, and no redirect is followed.
 */
export async function deliver(
  { url, keys }: WebhookTarget,
  { id, body, attempts }: Pick<Outgoing, 'id' | 'body' | 'attempts'>,
  now: number,
  timeoutMs = TIMEOUT_MS,
): Promise<boolean> {
  const timestamp = String(Math.floor(now / 1000));
  const text = new TextEncoder().encode(`${id}.${timestamp}.${body}`);
  const signatures = await Promise.all(keys.map((key) => crypto.subtle.sign('HMAC', key, text)));
  const headers = {
    'content-type': 'application/json',
    'user-agent': 'realtime-call',
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': signatures.map((signature) => `v1,${toBase64(signature)}`).join(' '),
  };
  try {
    const response = await withTimeLimit(timeoutMs, (signal) =>
      fetch(url, { method: 'POST', headers, body, redirect: 'manual', signal }),
    );
    await response.body?.cancel();
    if (!response.ok) log('webhook_failed', { id, attempts, status: response.status });
    return response.ok;
  } catch (error) {
    log('webhook_failed', { id, attempts, reason: error instanceof Error ? error.name : 'unknown' });
    return false;
  }
}

function toBase64(bytes: ArrayBuffer): string {
  return btoa(String.fromCharCode(...new Uint8Array(bytes)));
}
