import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, inject, it, vi } from 'vitest';
import { freePort } from '../../broker/dev/ports.ts';

/** Asks a recipe for a token as the widget does, and tries it on the broker. */
async function opensItsRoomAlone(tokenSite: string): Promise<void> {
  const response = await fetch(`${tokenSite}/call-token?room=clinic&guest=a1b2`);
  expect(response.headers.get('cache-control')).toBe('no-store');
  const { token } = (await response.json()) as { token: string };
  const join = (room: string) =>
    fetch(`${inject('brokerUrl')}/rooms/${room}/join`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ protocol: 1 }),
    });
  expect((await join('clinic')).status).toBe(200);
  expect((await join('another')).status).toBe(401);
}

describe('the Node recipe', () => {
  it('mints a token that the broker accepts for its room alone', () => opensItsRoomAlone(inject('siteUrl')));
});

function describePhp(): void {
  let php: ChildProcess;
  let url: string;

  beforeAll(async () => {
    const port = await freePort();
    const script = fileURLToPath(new URL('../php/token.php', import.meta.url));
    php = spawn('php', ['-S', `127.0.0.1:${port}`, script], {
      stdio: 'ignore',
      env: { ...process.env, ROOM_TOKEN_KEYS: inject('tokenKeys') },
    });
    url = `http://127.0.0.1:${port}`;
    await vi.waitFor(() => fetch(url), 10_000);
  });
  afterAll(() => void php.kill());

  it('mints a token that the broker accepts for its room alone', () => opensItsRoomAlone(url));
}

if (spawnSync('php', ['--version']).status === 0) describe('the PHP recipe', describePhp);
else console.log('The PHP recipe is not tested: this machine has no php ("apt-get install php-cli" brings it).');
