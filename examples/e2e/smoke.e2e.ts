import { expect, inject } from 'vitest';
import { it } from './testing/it.ts';

const pages = { demo: '/?room=smoke', 'one-tag': '/one-tag/', events: '/events/' };

for (const [name, path] of Object.entries(pages))
  it(`the page ${name} works without a word in the console`, async ({ open }) => {
    const visitor = await open(inject('siteUrl') + path);
    await visitor.page.waitForFunction(() => customElements.get('realtime-call'));
    await visitor.page.getByRole('button', { name: 'Join', exact: true }).waitFor();
  });

it('asks nothing of any server before the visitor acts, beyond the script itself', async ({ open }) => {
  const requests: string[] = [];
  const visitor = await open(`${inject('siteUrl')}/one-tag/`, {
    prepare: async (page) => page.on('request', (request) => requests.push(request.url())),
  });
  await visitor.page.getByRole('button', { name: 'Join', exact: true }).waitFor();
  const expected = [`${inject('siteUrl')}/one-tag/`, `${inject('brokerUrl')}/realtime-call.js`];
  expect(requests.filter((url) => !url.endsWith('/favicon.ico'))).toEqual(expected);
});

it('the page of events hears what happens, and refuses what it wants to', async ({ open }) => {
  const visitor = await open(`${inject('siteUrl')}/events/`);
  const { page } = visitor;
  const heard = (line: string) => page.getByRole('listitem').getByText(line, { exact: true }).waitFor();
  await page.getByLabel('Nobody shares a screen').check();
  await page.getByLabel('Nobody leaves').check();
  await visitor.clickJoin();
  await visitor.isInCall();
  await heard('call-state-changed: in-call');
  await heard('call-joined');

  await visitor.press('Share screen');
  await heard('refused: screen sharing');
  await page.getByLabel('Nobody shares a screen').uncheck();
  await visitor.switch('Share screen', true);
  expect(await visitor.liveCaptures()).toContainEqual(expect.stringMatching(/^video screen/));
  await visitor.press('Leave');
  await heard('refused: leaving');
  await visitor.isInCall();

  await page.getByLabel('Nobody leaves').uncheck();
  await visitor.press('Leave');
  await heard('call-left: you-left');
  expect(await visitor.liveCaptures()).toEqual([]);
});

for (const width of [320, 768, 1440])
  for (const colorScheme of ['light', 'dark'] as const)
    it(`fits a window ${width} px wide, ${colorScheme}, in lobby, call and goodbye`, async ({ open }) => {
      const url = `${inject('siteUrl')}/?room=look-${width}-${colorScheme}`;
      const viewport = { width, height: width === 320 ? 640 : 800 };
      const visitor = await open(url, { viewport, colorScheme });
      const look = async (screen: string) => {
        await visitor.screenshot(`${screen}-${width}-${colorScheme}`);
        const overflow = await visitor.page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        expect(overflow, `${screen} overflows`).toBeLessThanOrEqual(0);
      };
      await visitor.enterName('Ada');
      await visitor.turnOnDevices();
      await look('lobby');
      await visitor.clickJoin();
      await visitor.isInCall();
      await visitor.seesFramesIn(visitor.tile('Ada (you)'));
      await look('call');
      await visitor.press('Leave');
      await visitor.page.getByText('You left the call').waitFor();
      await look('goodbye');
    });
