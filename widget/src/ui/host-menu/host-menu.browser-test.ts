import { emulateMedia, sendKeys, setViewport } from '@web/test-runner-commands';
import type { InCall } from '../../call/state.ts';
import { equal, match } from '../../testing/assert.ts';
import { inCall, participant } from '../../testing/call-states.ts';
import { FakeCallView } from '../../testing/fake-call-view.ts';
import { faultsIn, focused, mountScreen, unmount } from '../../testing/ui-fixture.ts';

const HOST = { publish: ['audio', 'video', 'screen'], subscribe: true, chat: true, moderate: true } as const;
const GUEST = { ...HOST, publish: [...HOST.publish], moderate: false };
const people = [participant('Ana'), participant('Ben', ['microphone', 'camera']), participant('Cleo', [], ['camera'])];

async function mountMenu(change: Partial<InCall> = {}) {
  const view = new FakeCallView(inCall(people, { grants: { ...HOST, publish: [...HOST.publish] }, ...change }));
  const fixture = await mountScreen(view);
  const open = async () => {
    fixture.find('rc-host-menu button').click();
    await fixture.settled();
  };
  const press = async (label: string) => {
    const button = fixture
      .findAll('rc-host-menu button')
      .find((found) => (found.getAttribute('aria-label') ?? found.textContent?.trim()) === label);
    if (!button) throw new Error(`no button ${label}`);
    button.focus();
    await sendKeys({ press: 'Enter' });
    await fixture.settled();
  };
  return { ...fixture, view, open, press };
}

describe('rc-host-menu', () => {
  beforeEach(() => setViewport({ width: 1024, height: 720 }));
  afterEach(unmount);

  it('is for those who may moderate, and goes when they may no more', async () => {
    const { view, findAll, settled } = await mountMenu({ grants: GUEST });
    equal(findAll('rc-host-menu button').length, 0);
    view.setCall({ grants: { ...GUEST, moderate: true } });
    await settled();
    equal(findAll('rc-host-menu button').length, 1);
    view.setCall({ grants: GUEST });
    await settled();
    equal(findAll('rc-host-menu button').length, 0);
  });

  it('offers for each other person what there is to stop', async () => {
    const { open, findAll } = await mountMenu();
    await open();
    equal(
      findAll('rc-host-menu .panel button').map((button) => button.getAttribute('aria-label')),
      ['Mute Ben', 'Stop the video of Ben', 'Remove Ben', 'Remove Cleo', 'Lock the room', 'Mute all', 'End for all'],
    );
  });

  it('asks at once for what can be taken back', async () => {
    const { open, press, requests } = await mountMenu();
    await open();
    for (const label of ['Mute Ben', 'Stop the video of Ben', 'Lock the room', 'Mute all']) await press(label);
    equal(requests, [
      { type: 'mute', id: 'ben', source: 'microphone' },
      { type: 'mute', id: 'ben', source: 'camera' },
      { type: 'lock', locked: true },
      { type: 'mute', source: 'microphone' },
    ]);
  });

  it('asks twice before it removes somebody or ends the call, and forgets the question when it closes', async () => {
    const { open, press, requests, find, settled } = await mountMenu();
    await open();
    await press('Remove Ben');
    await press('Remove Cleo');
    equal(requests, [], 'the question was another');
    await press('Remove Cleo?');
    equal(requests, [{ type: 'remove', id: 'cleo' }]);
    await press('End for all');
    await sendKeys({ press: 'Escape' });
    await settled();
    equal(focused(), find('rc-host-menu button'));
    await open();
    await press('End for all');
    equal(requests.length, 1);
    await press('End for all?');
    equal(requests.at(-1), { type: 'end' });
  });

  it('keeps the focus when the button goes with what it did', async () => {
    const { view, open, press, settled, find } = await mountMenu();
    await open();
    await press('Mute Ben');
    view.setCall({ participants: [people[0]!, participant('Ben', ['camera'], ['microphone']), people[2]!] });
    await settled();
    equal(focused(), find('rc-host-menu .panel'));
  });

  it('opens a locked room again', async () => {
    const { open, press, requests } = await mountMenu({ locked: true });
    await open();
    await press('Unlock the room');
    equal(requests, [{ type: 'lock', locked: false }]);
  });

  it('fits 320 px with twenty people, in one row of controls and a panel that scrolls', async () => {
    await setViewport({ width: 320, height: 640 });
    const crowd = Array.from({ length: 20 }, (_, i) => participant(`Somebody with a long name ${i}`, ['microphone']));
    const { open, find, findAll } = await mountMenu({ participants: [people[0]!, ...crowd] });
    const rows = new Set(findAll('rc-control-bar button').map((button) => button.getBoundingClientRect().top));
    equal(rows.size, 1);
    equal(find('.call').scrollWidth, find('.call').clientWidth);
    await open();
    const panel = find('rc-host-menu .panel');
    equal(panel.getBoundingClientRect().top >= 0, true);
    equal(panel.scrollWidth, panel.clientWidth);
    equal(panel.scrollHeight > panel.clientHeight, true);
  });

  for (const colorScheme of ['light', 'dark'] as const) {
    it(`has no accessibility faults, ${colorScheme}`, async () => {
      await emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      const { element, open, press, find } = await mountMenu();
      await open();
      await press('Remove Ben');
      match(find('rc-host-menu .sure'), /Remove Ben\?/);
      equal(await faultsIn(element), []);
      await emulateMedia({ reducedMotion: 'no-preference' });
    });
  }
});
