import type { Page, Route } from 'playwright-core';
import { afterEach, describe, expect, inject } from 'vitest';
import { freePort } from '../../broker/dev/ports.ts';
import { FaultClient } from '../../broker/dev/sfu/faults/fault-client.ts';
import { it as base } from './testing/it.ts';
import { mintToken, secondsFromNow, type TokenOptions } from './testing/room-token.ts';
import { demoUrl, newRoom, type Visitor } from './testing/visitor.ts';

const faults = new FaultClient(inject('controlUrl'));
afterEach(() => faults.clear());

/** `openTokenUrl` opens the demo page, with `answer` instead of its site's answer to the call for a token. */
const it = base.extend('openTokenUrl', ({ open, room }) => {
  return (answer: (route: Route) => Promise<void>) =>
    open(demoUrl(room), { prepare: (page) => page.route('**/call-token?*', answer) });
});

/** With camera and microphone open, as that is when a light could be left on. */
async function tryToJoin(visitor: Visitor): Promise<void> {
  await visitor.turnOnDevices();
  await visitor.clickJoin();
}

type WayOn = 'Try again' | 'Back to the lobby' | 'only the owner can help';

/** The person reads what happened, has a way on, and is no longer seen or heard by the page. */
async function endsWith(visitor: Visitor, title: string | RegExp, wayOn: WayOn): Promise<void> {
  await visitor.page.getByRole('heading', { name: title }).waitFor({ timeout: 30_000 });
  if (wayOn === 'only the owner can help')
    expect(await visitor.page.locator('realtime-call').getByRole('button').count()).toBe(0);
  else await visitor.page.getByRole('button', { name: wayOn }).waitFor();
  await expect.poll(() => visitor.liveCaptures()).toEqual([]);
  await expect.poll(() => visitor.openConnections()).toBe(0);
}

describe('a room token that', () => {
  const room = newRoom();
  const cases: Readonly<Record<string, { token: TokenOptions; title: string; wayOn?: WayOn }>> = {
    'has expired': {
      token: { claims: { iat: secondsFromNow(-7200), exp: secondsFromNow(-3600) } },
      title: 'The permission has expired',
    },
    'is not valid yet': {
      token: { claims: { nbf: secondsFromNow(1800), exp: secondsFromNow(3600) } },
      title: 'It is too early',
      wayOn: 'Try again',
    },
    'is for another room': {
      token: { claims: { room: 'another-room' } },
      title: 'The permission is for another room',
    },
    'is signed with another algorithm': { token: { alg: 'HS512' }, title: 'The permission was refused' },
    'is signed with another key': {
      token: { secret: crypto.getRandomValues(new Uint8Array(32)) },
      title: 'The permission was refused',
    },
  };
  for (const [name, { token, title, wayOn = 'Back to the lobby' }] of Object.entries(cases))
    it(`${name} is refused with the reason`, async ({ openTag }) => {
      const visitor = await openTag({ room, token: await mintToken(room, token) });
      await tryToJoin(visitor);
      await endsWith(visitor, title, wayOn);
    });

  it('is not a token at all is refused with the reason', async ({ openTag }) => {
    const visitor = await openTag({ room, token: 'no-token-at-all' });
    await tryToJoin(visitor);
    await endsWith(visitor, 'The permission cannot be read', 'Back to the lobby');
  });
});

describe('a tag', () => {
  it('with neither token nor token-url says that it is not set up', async ({ openTag, room }) => {
    await endsWith(await openTag({ room }), 'The call is not set up', 'only the owner can help');
  });

  it('with an empty token says that the page gave none', async ({ openTag, room }) => {
    const visitor = await openTag({ room, token: '' });
    await visitor.page.getByRole('heading', { name: /The call is not set up|No permission for this room/ }).waitFor();
  });

  it('whose broker is not there says that it cannot be reached', async ({ openTag, room }) => {
    const visitor = await openTag({
      room,
      'token-url': '/call-token',
      broker: `http://127.0.0.1:${await freePort()}`,
    });
    await tryToJoin(visitor);
    await endsWith(visitor, 'The call service cannot be reached', 'Try again');
  });
});

describe('a token-url that answers', () => {
  it('401 says that the visitor is not signed in', async ({ openTokenUrl }) => {
    const visitor = await openTokenUrl((route) => route.fulfill({ status: 401 }));
    await tryToJoin(visitor);
    await endsWith(visitor, 'You are not signed in', 'Back to the lobby');
  });

  it('500 says that the site failed', async ({ openTokenUrl }) => {
    const visitor = await openTokenUrl((route) => route.fulfill({ status: 500 }));
    await tryToJoin(visitor);
    await endsWith(visitor, 'This site could not let you in', 'Try again');
  });

  it('with a page says that this is no token', async ({ openTokenUrl }) => {
    const body = '<!doctype html><title>Sign in</title>';
    const visitor = await openTokenUrl((route) => route.fulfill({ contentType: 'text/html', body }));
    await tryToJoin(visitor);
    await endsWith(visitor, 'This site could not let you in', 'Back to the lobby');
  });

  it('never says that the site does not answer', async ({ openTokenUrl }) => {
    const visitor = await openTokenUrl(async () => {});
    await tryToJoin(visitor);
    await endsWith(visitor, 'This site does not answer', 'Try again');
  });
});

describe('an SFU that answers', () => {
  const page = '<html>Service Unavailable</html>';
  const cases: readonly { status: number; body?: string; title: RegExp }[] = [
    { status: 401, title: /^The (media|call) service/ },
    { status: 410, title: /^The media service/ },
    { status: 500, title: /^The media service/ },
    { status: 503, body: page, title: /^The media service/ },
  ];
  for (const { title, ...fault } of cases)
    it(`${fault.status} ends the attempt with the reason`, async ({ open, room }) => {
      await faults.set({ type: 'status', ...fault });
      const visitor = await open(demoUrl(room));
      await tryToJoin(visitor);
      await endsWith(visitor, title, 'Try again');
      await faults.clear();
      await visitor.press('Try again');
      await visitor.isInCall();
    });

  it('never ends the attempt with the reason', async ({ open, room }) => {
    await faults.set({ type: 'hang' });
    const visitor = await open(demoUrl(room));
    await tryToJoin(visitor);
    await endsWith(visitor, 'The media service does not answer', 'Try again');
  });
});

describe('a camera and microphone that', () => {
  async function lobbyShows(visitor: Visitor, title: string): Promise<void> {
    await visitor.press('Turn on camera and microphone');
    await visitor.page.getByText(`Camera: ${title}`).waitFor();
    await visitor.page.getByRole('button', { name: 'Try again: Camera' }).waitFor();
    await expect
      .poll(async () => (await visitor.liveCaptures()).filter((label) => label.startsWith('video')))
      .toEqual([]);
    await visitor.clickJoin();
    await visitor.isInCall();
  }

  it('are denied are explained, and the visitor can join without', async ({ open, launch, room }) => {
    const denying = await launch(['--use-fake-ui-for-media-stream=deny'], /^--use-fake-ui/);
    const visitor = await open(demoUrl(room), {}, denying);
    await lobbyShows(visitor, 'Access is blocked');
    expect(await visitor.liveCaptures()).toEqual([]);
  });

  it('are missing are explained, and the visitor can join without', async ({ open, launch, room }) => {
    // It takes the camera away and leaves one microphone.
    const bare = await launch(['--use-fake-device-for-media-stream=device-count=0'], /^--use-fake-device/);
    await lobbyShows(await open(demoUrl(room), {}, bare), 'No device was found');
  });

  it('are in use elsewhere are explained, and the visitor can join without', async ({ open, room }) => {
    const prepare = (page: Page) =>
      page.addInitScript(() => {
        MediaDevices.prototype.getUserMedia = () => Promise.reject(new DOMException('in use', 'NotReadableError'));
      });
    const visitor = await open(demoUrl(room), { prepare });
    await lobbyShows(visitor, 'The device is in use');
    expect(await visitor.liveCaptures()).toEqual([]);
  });
});

it('an insecure page says so', async ({ open, launch, room }) => {
  const mapped = await launch(['--host-resolver-rules=MAP shop.test 127.0.0.1']);
  const url = demoUrl(room).replace('localhost', 'shop.test');
  await endsWith(await open(url, {}, mapped), 'This page is not secure', 'only the owner can help');
});

it('a full room says so, and lets the visitor in once somebody has left', async ({ openTag, room }) => {
  const limited = () => mintToken(room, { claims: { limits: { participants: 1 } } });
  const first = await openTag({ room, token: await limited() });
  await tryToJoin(first);
  await first.isInCall();
  const second = await openTag({ room, token: await limited() });
  await tryToJoin(second);
  await endsWith(second, 'The room is full', 'Try again');
  await first.press('Leave');
  await second.press('Try again');
  await second.isInCall();
});
