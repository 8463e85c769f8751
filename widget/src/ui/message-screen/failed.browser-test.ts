import { emulateMedia, setViewport } from '@web/test-runner-commands';
import type { CallErrorCode } from '../../call/errors.ts';
import { equal, match } from '../../testing/assert.ts';
import { FakeCallView } from '../../testing/fake-call-view.ts';
import { faultsIn, mountScreen, unmount } from '../../testing/ui-fixture.ts';
import { strings } from '../strings/strings.ts';

const failed = (error: CallErrorCode, mayRetry = false, detail = '') =>
  new FakeCallView({ phase: 'failed', error, mayRetry, detail });

describe('rc-message-screen, where a call failed', () => {
  afterEach(unmount);

  for (const code of Object.keys(strings.errors) as CallErrorCode[]) {
    it(`tells the cause of ${code}, its code, and a way on`, async () => {
      const { find } = await mountScreen(failed(code));
      equal(find('h2').textContent, strings.errors[code].title);
      equal(find('[role="alert"]').textContent?.includes(strings.errors[code].text), true);
      match(find('code'), new RegExp(`^${code}$`));
    });
  }

  it('tries again only where that can help', async () => {
    const view = failed('broker-unreachable', true);
    const { findAll, settled, requests } = await mountScreen(view);
    for (const button of findAll('button')) button.click();
    equal(requests, [{ type: 'join' }, { type: 'return-to-lobby' }]);
    view.setPhase({ phase: 'failed', error: 'token-expired', mayRetry: false, detail: '' });
    await settled();
    for (const button of findAll('button')) button.click();
    equal(requests.slice(2), [{ type: 'return-to-lobby' }]);
  });

  it('offers no lobby where it would fail the same way', async () => {
    equal((await mountScreen(failed('misconfigured-tag'))).findAll('button').length, 0);
  });

  it('keeps the detail for developers out of the way, as text', async () => {
    const { find } = await mountScreen(failed('broker-failed', true, '<img src=x onerror=alert(1)> 500'));
    equal(find<HTMLDetailsElement>('details').open, false);
    match(find('code'), /^broker-failed: <img src=x onerror=alert\(1\)> 500$/);
  });

  it('fits 320 px with a detail without a space in it', async () => {
    await setViewport({ width: 320, height: 568 });
    const { find } = await mountScreen(failed('broker-failed', true, 'x'.repeat(300)));
    find<HTMLDetailsElement>('details').open = true;
    const screen = find('rc-message-screen');
    equal(screen.scrollWidth, screen.clientWidth);
  });

  for (const colorScheme of ['light', 'dark'] as const) {
    it(`has no accessibility faults, ${colorScheme}`, async () => {
      await emulateMedia({ colorScheme });
      const { element, find } = await mountScreen(failed('media-unreachable', true, 'ice failed'));
      find<HTMLDetailsElement>('details').open = true;
      equal(await faultsIn(element), []);
    });
  }
});
