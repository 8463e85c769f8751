import { html } from 'lit';
import type { CaptureState } from '../../call/state.ts';
import { equal, match } from '../../testing/assert.ts';
import { inCall, participant } from '../../testing/call-states.ts';
import { FakeCallView } from '../../testing/fake-call-view.ts';
import { mount, unmount } from '../../testing/ui-fixture.ts';
import './capture-button.ts';

const listener = { publish: [], subscribe: true, chat: true, moderate: false };
const me = participant('Me');

describe('the toggles of microphone, camera and screen', () => {
  afterEach(unmount);

  for (const [capture, pressed, busy, title, asksFor] of [
    [{ status: 'off' }, 'false', 'false', /Unmute/, true],
    [{ status: 'starting' }, 'false', 'true', /Unmute/, false],
    [{ status: 'on', deviceId: '', label: '' }, 'true', 'false', /^Mute/, false],
    [{ status: 'muted', deviceId: '', label: '' }, 'false', 'false', /Unmute/, true],
    [{ status: 'failed', error: 'device-busy' }, 'false', 'false', /in use/, true],
  ] as const satisfies [CaptureState, string, string, RegExp, boolean][]) {
    it(`shows what the device does: ${capture.status}`, async () => {
      const view = new FakeCallView(inCall([me]), { microphone: capture });
      const { find, requests } = await mount(view, html`<rc-capture-button source="microphone"></rc-capture-button>`);
      const button = find('button');
      equal(button.getAttribute('aria-label'), 'Microphone');
      equal(button.getAttribute('aria-pressed'), pressed);
      equal(button.getAttribute('aria-busy'), busy);
      match(button.title, title);
      button.click();
      equal(requests, [{ type: 'set-capture', source: 'microphone', on: asksFor }]);
      equal(button.getAttribute('aria-pressed'), pressed, 'a wish is no fact');
    });
  }

  it('are gone where the room does not grant the source, and the shortcut with them', async () => {
    const view = new FakeCallView(inCall([me], { grants: { ...listener, publish: ['audio'] } }));
    const { findAll, find, requests } = await mount(
      view,
      html`<div>
        <rc-capture-button source="microphone"></rc-capture-button
        ><rc-capture-button source="camera"></rc-capture-button><rc-capture-button source="screen"></rc-capture-button>
      </div>`,
    );
    equal(findAll('button').length, 1);
    find<HTMLElement & { toggle(): void }>('rc-capture-button[source="camera"]').toggle();
    equal(requests, []);
  });

  it('offer no screen where the browser cannot share one', async () => {
    const { mediaDevices } = navigator;
    Object.defineProperty(mediaDevices, 'getDisplayMedia', { value: undefined, configurable: true });
    try {
      const { findAll } = await mount(
        new FakeCallView(inCall([me])),
        html`<rc-capture-button source="screen"></rc-capture-button>`,
      );
      equal(findAll('button').length, 0);
    } finally {
      Reflect.deleteProperty(mediaDevices, 'getDisplayMedia');
    }
  });
});
