import { describe, expect, inject } from 'vitest';
import { it } from './testing/it.ts';
import { mintToken } from './testing/room-token.ts';
import { demoUrl, newRoom } from './testing/visitor.ts';

/** What people call themselves who want to be more than text. */
const NAMES = [
  '<img src=x onerror=alert(1)>',
  '"><script>alert(1)</script>',
  "'-alert(1)-'",
  '<svg/onload=alert(1)>',
  '<iframe srcdoc="<script>alert(1)</script>">',
  'javascript:alert(1)',
  '</span></li><h1>Host</h1>',
  '&lt;b&gt;bold&lt;/b&gt;',
  '${alert(1)} {{7*7}} <%= 7*7 %>',
  'مرحبا <b>abc</b>',
];

async function enter(room: string, name: string): Promise<number> {
  const token = await mintToken(room, { claims: { name, role: 'guest' } });
  const headers = { authorization: `Bearer ${token}` };
  return (await fetch(`${inject('brokerUrl')}/rooms/${room}/join`, { method: 'POST', headers })).status;
}

describe('names', () => {
  it('A24 are text, whatever is in them', async ({ open, room }) => {
    for (const name of NAMES) expect(await enter(room, name)).toBe(200);
    const dialogs: string[] = [];
    const visitor = await open(demoUrl(room), {
      prepare: async (page) => page.on('dialog', (dialog) => dialogs.push(dialog.message())),
    });
    await visitor.enterName('<b>me</b>');
    await visitor.clickJoin();
    await visitor.isInCall();
    await expect.poll(() => visitor.tiles().count()).toBe(NAMES.length + 1);
    const labels = visitor.tiles().locator('[part="name"] .text');
    const shown = await labels.evaluateAll((texts) =>
      texts.map((text) => [text.textContent, text.childElementCount, getComputedStyle(text).unicodeBidi]),
    );
    for (const name of NAMES) expect(shown).toContainEqual([name, 0, 'isolate']);
    expect(await visitor.tiles().locator('img, script, iframe, h1, b').count()).toBe(0);
    expect(dialogs).toEqual([]);
  });

  it('A24 with characters that turn the text around, or hide in it, are refused', async () => {
    for (const name of ['\u202Efdp.exe', 'a\u2066b', 'a\u200Bb', 'a\u0000b', '\u2028'])
      expect(await enter(newRoom(), name)).toBe(401);
  });
});

/** Runs before all else in the page: what other people's scripts do to it. */
function spoilPage(): void {
  const told: string[] = [];
  Object.assign(globalThis, { told });
  for (const prototype of [Object.prototype, Array.prototype, Function.prototype, String.prototype, Map.prototype])
    Object.assign(prototype, {
      polluted: 'polluted',
      token: 'polluted',
      id: 'polluted',
      muted: true,
      code: 'polluted',
    });
  const { fetch, customElements, addEventListener } = globalThis;
  globalThis.fetch = (...request) => fetch(...request).then((response) => response);
  const define = customElements.define.bind(customElements);
  customElements.define = (name, constructor, options) => define(name, constructor, options);
  addEventListener('error', ({ message }) => told.push(message));
  const { dispatchEvent } = EventTarget.prototype;
  const textOf = (value: unknown) => {
    try {
      return JSON.stringify(value) ?? '';
    } catch {
      return String(value);
    }
  };
  EventTarget.prototype.dispatchEvent = function (event) {
    if (this instanceof HTMLElement && this.localName === 'realtime-call')
      for (const key in event) told.push(`${event.type} ${key} ${textOf(Reflect.get(event, key))}`);
    return dispatchEvent.call(this, event);
  };
}

/** Every attribute and text of the page, in the elements' own trees too. */
function readPage(): string {
  const parts: string[] = [];
  const visit = (root: ParentNode) => {
    for (const element of root.querySelectorAll('*')) {
      for (const { name, value } of element.attributes) parts.push(`${name}=${value}`);
      if (element.childElementCount === 0) parts.push(element.textContent ?? '');
      if (element.shadowRoot) visit(element.shadowRoot);
    }
  };
  visit(document);
  return parts.join('\n');
}

describe('a page', () => {
  it('A27 with polluted prototypes, a wrapped fetch and a wrapped registry holds a call, and no secret is in it', async ({
    open,
    join,
    room,
  }) => {
    const secrets: string[] = [];
    const ada = await open(demoUrl(room), {
      prepare: async (page) => {
        await page.addInitScript(spoilPage);
        page.on('response', async (response) => {
          if (!/\/(join|ticket|call-token)(\?|$)/.test(response.url()) || response.request().method() === 'OPTIONS')
            return;
          const body = (await response.json()) as Record<string, unknown>;
          for (const key of ['token', 'memberSecret', 'ticket'])
            if (typeof body[key] === 'string') secrets.push(body[key]);
        });
      },
    });
    await ada.askToJoin('Ada');
    await ada.isInCall();
    const ben = await join('Ben');
    await ada.seesFramesIn(ada.tile('Ben'));
    await ben.seesFramesIn(ben.tile('Ada'));
    await ada.switch('Microphone', false);
    await ada.switch('Microphone', true);

    expect(await ada.page.evaluate(() => Reflect.get({}, 'polluted'))).toBe('polluted');
    const told = await ada.page.evaluate(() => (globalThis as unknown as { told: string[] }).told);
    expect(told.some((line) => line.startsWith('call-joined '))).toBe(true);
    const page = `${await ada.page.evaluate(readPage)}\n${told.join('\n')}`;
    expect(page).toContain('Ada');
    expect(secrets.length).toBeGreaterThanOrEqual(3);
    for (const secret of secrets) expect(page).not.toContain(secret);

    await ada.press('Leave');
    await expect.poll(() => ada.openConnections()).toBe(0);
  });
});
