import { emulateMedia, sendKeys } from '@web/test-runner-commands';
import { equal, match } from '../../testing/assert.ts';
import { inCall, participant } from '../../testing/call-states.ts';
import { FakeCallView } from '../../testing/fake-call-view.ts';
import { faultsIn, focused, mountScreen, unmount } from '../../testing/ui-fixture.ts';

describe('rc-message-screen, after a call', () => {
  afterEach(unmount);

  it('says goodbye, and goes back in or to the lobby', async () => {
    const { find, findAll, requests } = await mountScreen(new FakeCallView({ phase: 'left', reason: 'you-left' }));
    match(find('h2'), /You left the call/);
    for (const button of findAll('button')) button.click();
    equal(requests, [{ type: 'join' }, { type: 'return-to-lobby' }]);
  });

  for (const [reason, title, buttons] of [
    ['ended', /has ended/, ['Back to the lobby']],
    ['refused', /were not let in/, ['Back to the lobby']],
    ['removed', /were removed/, ['Back to the lobby']],
    ['replaced', /somewhere else/, ['Take the seat back', 'Back to the lobby']],
  ] as const) {
    it(`says that one is out because the call was ${reason}, and offers what can help`, async () => {
      const { find, findAll } = await mountScreen(new FakeCallView({ phase: 'left', reason }));
      match(find('h2'), title);
      equal(
        findAll('button').map((button) => button.textContent?.trim()),
        buttons,
      );
    });
  }

  it('takes the focus from the call it replaces', async () => {
    const view = new FakeCallView(inCall([participant('Ana')]));
    const { find, settled } = await mountScreen(view);
    await sendKeys({ press: 'Tab' });
    find('button[part~="leave-button"]').focus();
    view.setPhase({ phase: 'left', reason: 'you-left' });
    await settled();
    equal(focused(), find('h2'));
  });

  for (const colorScheme of ['light', 'dark'] as const) {
    it(`has no accessibility faults, ${colorScheme}`, async () => {
      await emulateMedia({ colorScheme });
      const { element } = await mountScreen(new FakeCallView({ phase: 'left', reason: 'you-left' }));
      equal(await faultsIn(element), []);
    });
  }
});
