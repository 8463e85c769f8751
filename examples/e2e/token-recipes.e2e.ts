import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { freePort } from '../../broker/dev/ports.ts';

const hasPhp = spawnSync('php', ['--version']).status === 0;

if (hasPhp) describe('the PHP recipe', testRecipe);
else
  console.log('The PHP recipe was not tested: there is no php on this machine ("apt-get install php-cli" brings it).');

// A file without a test is a failure, and rightly so.
it('the site mints a token that the broker accepts for its room alone', () => opensItsRoomAlone(inject('siteUrl')));

function testRecipe(): void {
  let php: ChildProcess | undefined;
  let url = '';
  beforeAll(async () => {
    const port = await freePort();
    const script = fileURLToPath(new URL('../php/token.php', import.meta.url));
    php = spawn('php', ['-S', `127.0.0.1:${port}`, script], {
      stdio: 'ignore',
      env: { ...process.env, ROOM_TOKEN_KEYS: inject('tokenKeys') },
    });
    url = `http://127.0.0.1:${port}`;
    await expect
      .poll(() =>
        fetch(url).then(
          (response) => response.status,
          () => 0,
        ),
      )
      .toBe(200);
  });
  afterAll(() => void php?.kill());

  it('mints a token that the broker accepts for its room alone', () => opensItsRoomAlone(url));
}

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
