import { html } from 'lit';
import { equal } from '../../testing/assert.ts';
import { FakeCallView } from '../../testing/fake-call-view.ts';
import { mount, nextFrame, unmount, until } from '../../testing/ui-fixture.ts';
import './level-meter.ts';

describe('rc-level-meter', () => {
  afterEach(unmount);

  it('moves with the voice, without a render, and falls back by itself', async () => {
    const view = new FakeCallView();
    const { element, find } = await mount(view, html`<rc-level-meter aria-label="Level"></rc-level-meter>`);
    const width = () => find('div').getBoundingClientRect().width / element.getBoundingClientRect().width;
    equal(width(), 0);
    view.media.levels.set('self', 0.5);
    await until('half the bar', () => Math.abs(width() - 0.5) < 0.01);
    equal(element.ariaValueNow, '50');
    equal((element as HTMLElement & { isUpdatePending: boolean }).isUpdatePending, false);
    view.media.levels.set('self', 0);
    await nextFrame();
    equal(width() > 0.2, true, 'not at once');
    await until('silence', () => width() === 0);
    equal(element.ariaValueNow, '0');
  });

  it('shows somebody else, and never more than full', async () => {
    const view = new FakeCallView();
    view.media.levels.set('ben', 7);
    const { element, find } = await mount(
      view,
      html`<rc-level-meter participant="ben" aria-hidden="true"></rc-level-meter>`,
    );
    await until(
      'a full bar',
      () => find('div').getBoundingClientRect().width === element.getBoundingClientRect().width,
    );
    equal(element.role, null, 'hidden from screen readers, it is no meter');
  });

  it('asks for no frames when it is out of the page', async () => {
    const view = new FakeCallView();
    let asked = 0;
    view.media.level = () => (asked++, 0);
    const { element } = await mount(view, html`<rc-level-meter aria-label="Level"></rc-level-meter>`);
    equal(asked > 0, true);
    element.remove();
    asked = 0;
    await nextFrame();
    await nextFrame();
    equal(asked, 0);
  });
});
