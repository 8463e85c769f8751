import { describe, expect } from 'vitest';
import { it } from './testing/it.ts';
import { demoUrl, type Visitor } from './testing/visitor.ts';

async function everybodySeesEverybody(people: Readonly<Record<string, Visitor>>): Promise<void> {
  const names = Object.keys(people);
  const looks = Object.entries(people).map(async ([own, visitor]) => {
    await expect.poll(() => visitor.tiles().count()).toBe(names.length);
    const tiles = names.map((name) => visitor.tile(name === own ? `${name} (you)` : name));
    await Promise.all(tiles.map((tile) => visitor.seesFramesIn(tile)));
  });
  await Promise.all(looks);
}

async function eachHears(visitors: readonly Visitor[], sounds: number): Promise<void> {
  await Promise.all(
    visitors.map((visitor) => expect.poll(() => visitor.countSounds(), { timeout: 20_000 }).toBe(sounds)),
  );
}

describe('three participants', () => {
  it('see moving pictures of each other, and hear each other', async ({ join }) => {
    const people = { Ada: await join('Ada'), Ben: await join('Ben'), Cleo: await join('Cleo') };
    await everybodySeesEverybody(people);
    await people.Ada.screenshot('three-participants');
    await eachHears(Object.values(people), 2);
  });

  it('hear nothing more of who mutes, until they unmute', async ({ join }) => {
    const [ada, ben, cleo] = [await join('Ada'), await join('Ben'), await join('Cleo')];
    await eachHears([ben, cleo], 2);
    await ada.switch('Microphone', false);
    await eachHears([ben, cleo], 1);
    await ben.tile('Ada').getByText('microphone off').waitFor({ state: 'attached' });
    await ada.switch('Microphone', true);
    await eachHears([ben, cleo], 2);
  });

  it('see the avatar of who turns the camera off, and the picture when it is back', async ({ join }) => {
    const [ada, ben] = [await join('Ada'), await join('Ben')];
    await ben.seesFramesIn(ben.tile('Ada'));
    await ada.switch('Camera', false);
    await ben.tile('Ada').getByText('A', { exact: true }).waitFor();
    await expect.poll(() => ben.tile('Ada').locator('video').count()).toBe(0);
    await expect.poll(() => ada.liveCaptures()).toHaveLength(1);
    await ada.switch('Camera', true);
    await ben.seesFramesIn(ben.tile('Ada'));
  });

  it('see a shared screen come, move and go', async ({ join }) => {
    const [ada, ben] = [await join('Ada'), await join('Ben')];
    await ada.switch('Share screen', true);
    const stage = ben.page.locator('rc-participant-tile').filter({ hasText: 'Screen of Ada' });
    await ben.seesFramesIn(stage);
    await ben.screenshot('shared-screen');
    await ada.switch('Share screen', false);
    await expect.poll(() => stage.count()).toBe(0);
    await expect.poll(() => ada.liveCaptures()).toHaveLength(2);
    await ben.seesFramesIn(ben.tile('Ada'));
  });

  it('are all seen and heard by who comes late, and the screen is too', async ({ join }) => {
    const [ada, ben] = [await join('Ada'), await join('Ben')];
    await ada.switch('Share screen', true);
    await ben.seesFramesIn(ben.page.locator('rc-participant-tile').filter({ hasText: 'Screen of Ada' }));
    const cleo = await join('Cleo');
    await cleo.seesFramesIn(cleo.page.locator('rc-participant-tile').filter({ hasText: 'Screen of Ada' }));
    await Promise.all(['Ada', 'Ben'].map((name) => cleo.seesFramesIn(cleo.tile(name))));
    await expect.poll(() => cleo.countSounds(), { timeout: 20_000 }).toBeGreaterThanOrEqual(2);
  });

  it('keep one tile of who reloads the page', async ({ join }) => {
    const [ada, ben] = [await join('Ada'), await join('Ben')];
    await ben.seesFramesIn(ben.tile('Ada'));
    let most = 0;
    const counting = setInterval(
      () =>
        void ben
          .tiles()
          .count()
          .then(
            (count) => (most = Math.max(most, count)),
            () => {},
          ),
      100,
    );
    await ada.page.reload();
    await ada.enterName('Ada');
    await ada.turnOnDevices();
    await ada.clickJoin();
    await ada.isInCall();
    await ben.seesFramesIn(ben.tile('Ada'));
    await ada.seesFramesIn(ada.tile('Ben'));
    clearInterval(counting);
    expect(most).toBe(2);
    expect(await ben.tiles().count()).toBe(2);
  });

  it('lose the tile of who leaves within a second', async ({ join }) => {
    const [ada, ben] = [await join('Ada'), await join('Ben')];
    await ben.seesFramesIn(ben.tile('Ada'));
    await ada.press('Leave');
    await expect.poll(() => ben.tiles().count(), { timeout: 1000, interval: 20 }).toBe(1);
    await ada.page.getByText('You left the call').waitFor();
    expect(await ada.liveCaptures()).toEqual([]);
    await expect.poll(() => ada.openConnections()).toBe(0);
  });
});

describe('the demo page', () => {
  it('starts a room, and its link brings a second window into it', async ({ open }) => {
    const first = await open(new URL(demoUrl('x')).origin);
    await first.press('Start a call');
    const link = await first.page.getByLabel('Link to this call').inputValue();
    await first.enterName('Ada');
    await first.clickJoin();
    await first.isInCall();
    const second = await open(link);
    await second.enterName('Ben');
    await second.clickJoin();
    await first.tile('Ben').waitFor();
    await second.tile('Ada').waitFor();
  });
});
