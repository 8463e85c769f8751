import { log } from '../log.ts';
import type { WebhookTarget } from './webhook-target.ts';

/** An event that waits to be sent. */
export interface Outgoing {
  /** Its place in the queue. */
  row: number;
  id: string;
  body: string;
  /** How often it was tried before. */
  attempts: number;
}

const TIMEOUT_MS = 10_000;

/**
 * Sends one event, signed as the Standard Webhooks have it. True where the receiver took it; never throws. Of the answer
 * nothing is read but its status, and no redirect is followed.
 */
export async function deliver(
  { url, keys }: WebhookTarget,
  event: Outgoing,
  now: number,
  timeoutMs = TIMEOUT_MS,
): Promise<boolean> {
  const { id, body, attempts } = event;
  const timestamp = String(Math.floor(now / 1000));
  const text = new TextEncoder().encode(`${id}.${timestamp}.${body}`);
  const signatures = await Promise.all(keys.map((key) => crypto.subtle.sign('HMAC', key, text)));
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(), timeoutMs);
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'user-agent': 'realtime-call',
        'webhook-id': id,
        'webhook-timestamp': timestamp,
        'webhook-signature': signatures.map((signature) => `v1,${toBase64(signature)}`).join(' '),
      },
      body,
      redirect: 'manual',
      signal: controller.signal,
    });
    await response.body?.cancel();
    if (!response.ok) log('webhook_failed', { id, attempts, status: response.status });
    return response.ok;
  } catch (error) {
    log('webhook_failed', { id, attempts, reason: error instanceof Error ? error.name : 'unknown' });
    return false;
  } finally {
    clearTimeout(timer);
  }
}

function toBase64(bytes: ArrayBuffer): string {
  return btoa(String.fromCharCode(...new Uint8Array(bytes)));
}
